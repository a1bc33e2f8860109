truth='tcp_rcv_state_process(): a listener gets a segment with ACK'
setup() { net 'listen("d2", "tcp", 8080)'; }
send='into(ip4("10.77.0.1", "10.77.0.2", 6, segment("10.77.0.1", "10.77.0.2", 4001, 8080, flags=0x10)))'
filter='tcp dst port 8080'
drop=tcp_v4_do_rcv
cause='tcp_rcv_state_process /if \(th->ack\)/'
