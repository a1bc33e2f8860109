truth='ip_rcv_core(): iph->ihl is 4'
send="into(ip4('10.77.0.9', '10.77.0.2', 17, bytes(20), first=0x44))"
send_well="into(ip4('10.77.0.9', '10.77.0.2', 17, bytes(20)))"
filter='ether src 02:00:00:00:00:99'
drop=ip_rcv_core
reason=IP_INHDR
cause='ip_rcv_core /iph->ihl < 5 \|\| iph->version != 4/'
