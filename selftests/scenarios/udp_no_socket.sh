truth='__udp4_lib_rcv(): no socket was found: sk is NULL'
send="into(udp4('10.77.0.1', '10.77.0.2', 3000, 7001))"
filter='dst port 7001'
drop='__udp4_lib_rcv|udp_rcv'
reason=NO_SOCKET
cause='udp4_lib_lookup1 /./
__udp4_lib_rcv /./
__udp4_lib_lookup /./
udp4_lib_lookup2 /./
__udp4_lib_lookup_skb /./'
remedy() { net 'listen("d2", "udp", 7001)'; }
