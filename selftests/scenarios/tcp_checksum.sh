truth='tcp_v4_rcv(): skb_checksum_init() fails, __skb_checksum_complete() is not 0'
setup() { net 'listen("d2", "tcp", 7002)'; }
send="into(tcp4('10.77.0.1', '10.77.0.2', 3000, 7002, bad=1))"
send_well="into(tcp4('10.77.0.1', '10.77.0.2', 3000, 7002))"
filter='dst port 7002'
drop=tcp_v4_rcv
reason=TCP_CSUM
cause='tcp_v4_rcv /skb_checksum_init/
__skb_checksum_complete /csum_fold/
__skb_checksum_complete /likely\(!sum\)/
__skb_checksum_validate_complete /csum_fold/
tcp_checksum_complete /./
tcp_v4_rcv /tcp_checksum_complete/'
