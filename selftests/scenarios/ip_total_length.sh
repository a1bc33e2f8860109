truth='ip_rcv_core(): tot_len is 900, the packet is shorter: skb->len < len'
send="into(udp4('10.77.0.9', '10.77.0.2', 3009, 7002, length=900))"
send_well="into(udp4('10.77.0.9', '10.77.0.2', 3009, 7002))"
filter='src host 10.77.0.9'
drop=ip_rcv_core
reason='PKT_TOO_SMALL|IP_INHDR'
cause='ip_rcv_core /skb->len < len/'
