truth='ip_rcv_core(): tot_len is 12, less than ihl * 4'
send="into(udp4('10.77.0.9', '10.77.0.2', 3009, 7002, length=12))"
send_well="into(udp4('10.77.0.9', '10.77.0.2', 3009, 7002))"
filter='ether src 02:00:00:00:00:99'
drop=ip_rcv_core
reason=IP_INHDR
cause='ip_rcv_core /len < \(iph->ihl ?\* ?4\)/'
