truth='__udp4_lib_rcv(): ulen is 400, the packet is shorter'
setup() { net 'listen("d2", "udp", 7002)'; }
send="into(ip4('10.77.0.1', '10.77.0.2', 17, struct.pack('!HHHH', 3000, 7002, 400, 0) + bytes(9)))"
send_well="into(udp4('10.77.0.1', '10.77.0.2', 3000, 7002))"
filter='dst port 7002'
drop='__udp4_lib_rcv|udp_rcv'
reason=PKT_TOO_SMALL
cause='__udp4_lib_rcv /ulen > skb->len/'
