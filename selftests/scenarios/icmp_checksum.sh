truth='icmp_rcv(): skb_checksum_simple_validate() fails'
send="into(ip4('10.77.0.1', '10.77.0.2', 1, bytes([8, 0, 1, 2, 0, 0, 0, 1])))"
send_well="into(ip4('10.77.0.1', '10.77.0.2', 1, bytes([8, 0, 0xf7, 0xfe, 0, 0, 0, 1])))"
filter='icmp and src host 10.77.0.1'
drop=icmp_rcv
reason=ICMP_CSUM
cause='icmp_rcv /skb_checksum_simple_validate/
__skb_checksum_complete /csum_fold/
__skb_checksum_validate_complete /csum_fold/'
