truth='ip6_rcv_core(): hdr->version is 5'
setup() { ipv6_on; }
send="into(b'\\x50' + udp6('2001:db8::1', '2001:db8::2', 3000, 7001)[1:], ethertype=ETH_IP6)"
send_well="into(udp6('2001:db8::1', '2001:db8::2', 3000, 7001), ethertype=ETH_IP6)"
filter='ether src 02:00:00:00:00:99'
drop=ip6_rcv_core
cause='ip6_rcv_core /hdr->version != 6/'
