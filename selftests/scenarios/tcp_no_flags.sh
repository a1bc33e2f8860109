truth='tcp_rcv_established(): neither ACK, RST nor SYN'
setup() { net 'pair(8086)'; }
send='forged(8086, flags=0, payload=b"x")'
send_well='forged(8086, payload=b"x")'
filter='tcp dst port 8086'
drop='tcp_rcv_established'
reason=TCP_FLAGS
cause='tcp_rcv_established /!th->ack && !th->rst && !th->syn/'
