truth='tcp_rcv_state_process(): a listener gets neither SYN, ACK nor RST: discard'
setup() { net 'listen("d2", "tcp", 7002)'; }
send="into(tcp4('10.77.0.1', '10.77.0.2', 3000, 7002, flags=0))"
send_well="into(tcp4('10.77.0.1', '10.77.0.2', 3000, 7002))"
filter='dst port 7002'
drop='tcp_rcv_state_process|tcp_drop_reason|tcp_drop'
cause='tcp_rcv_state_process /th->syn/
tcp_rcv_state_process /th->ack/
tcp_rcv_state_process /th->rst/'
