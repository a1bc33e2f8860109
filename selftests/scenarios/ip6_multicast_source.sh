truth='ip6_rcv_core(): the source is a multicast address'
setup() { ipv6_on; }
send="into(udp6('ff02::9', '2001:db8::2', 3000, 7001), ethertype=ETH_IP6)"
send_well="into(udp6('2001:db8::1', '2001:db8::2', 3000, 7001), ethertype=ETH_IP6)"
filter='ip6 and src host ff02::9'
drop=ip6_rcv_core
cause='ip6_rcv_core /ipv6_addr_is_multicast\(&hdr->saddr\)/
ipv6_addr_is_multicast /./'
