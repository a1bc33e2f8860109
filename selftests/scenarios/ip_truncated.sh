truth='ip_rcv_core(): pskb_may_pull() of an IP header from 10 bytes'
send="into(bytes(10))"
send_well="into(udp4('10.77.0.9', '10.77.0.2', 3009, 7002))"
filter='ether src 02:00:00:00:00:99'
drop=ip_rcv_core
reason='IP_INHDR'
cause='ip_rcv_core /pskb_may_pull\(skb, sizeof\(struct iphdr\)\)/
pskb_may_pull /len > skb->len/
pskb_may_pull_reason /len > skb->len/'
