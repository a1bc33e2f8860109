truth='ip6_rcv_core(): the source is ::1, and b0 is no loopback'
setup() { ipv6_on; }
send="into(udp6('::1', '2001:db8::2', 3000, 7001), ethertype=ETH_IP6)"
send_well="into(udp6('2001:db8::1', '2001:db8::2', 3000, 7001), ethertype=ETH_IP6)"
filter='ip6 and src host ::1'
drop=ip6_rcv_core
cause='ip6_rcv_core /ipv6_addr_loopback\(&hdr->saddr\)/
ipv6_addr_loopback /./'
