truth='tcp_v4_rcv(): __inet_lookup_skb() found no socket'
send="into(tcp4('10.77.0.1', '10.77.0.2', 3000, 7001))"
filter='dst port 7001'
drop=tcp_v4_rcv
reason=NO_SOCKET
cause='tcp_v4_rcv /./
__inet_lookup_listener /./
inet_lhash2_lookup /./'
remedy() { net 'listen("d2", "tcp", 7001)'; }
