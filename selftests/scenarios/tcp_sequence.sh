truth='tcp_sequence(): the segment lies right of the window'
setup() { net 'pair(8081)'; }
send='forged(8081, seq=50000000, payload=b"x")'
send_well='forged(8081, payload=b"x")'
filter='tcp dst port 8081'
drop='tcp_validate_incoming|tcp_rcv_established'
reason=TCP_INVALID_SEQUENCE
cause='tcp_sequence /before|after/'
