truth='tcp_validate_incoming(): SYN in an established connection'
setup() { net 'pair(8087)'; }
send='forged(8087, flags=0x12)'
send_well='forged(8087, payload=b"x")'
filter='tcp dst port 8087'
drop='tcp_validate_incoming|tcp_rcv_established'
reason=TCP_INVALID_SYN
cause='tcp_validate_incoming /if \(th->syn\) \{/
tcp_validate_incoming /sk->sk_state == TCP_SYN_RECV/'
