truth='tcp_v4_rcv(): doff is 4'
setup() { net 'listen("d2", "tcp", 7002)'; }
send="into(ip4('10.77.0.1', '10.77.0.2', 6, tcp_head('10.77.0.1', '10.77.0.2', 3000, 7002)[:12] + b'\\x40' + bytes(7)))"
send_well="into(tcp4('10.77.0.1', '10.77.0.2', 3000, 7002, flags=16))"
filter='dst port 7002'
drop=tcp_v4_rcv
reason=PKT_TOO_SMALL
cause='tcp_v4_rcv /th->doff < sizeof/'
