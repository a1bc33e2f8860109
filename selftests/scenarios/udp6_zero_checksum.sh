truth='__udp6_lib_rcv(): the checksum is 0 and the socket has not asked for such'
setup() { ipv6_on; net 'listen("d2", "udp6", 5000)'; }
send='frame("d1", "a0", eth("02:00:00:00:00:02", ETH_IP6, ip6("2001:db8::1", "2001:db8::2", 17, struct.pack("!HHHH", 4000, 5000, 16, 0) + bytes(8))))'
send_well='frame("d1", "a0", eth("02:00:00:00:00:02", ETH_IP6, udp6("2001:db8::1", "2001:db8::2", 4000, 5000)))'
filter='ip6 and udp port 5000'
drop='__udp6_lib_rcv'
reason=UDP_CSUM
cause='__udp6_lib_rcv /!uh->check && !udp_get_no_check6_rx/
udp_get_no_check6_rx /return/'
