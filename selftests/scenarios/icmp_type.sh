truth='icmp_rcv(): type 40 is more than NR_ICMP_TYPES'
send="into(ip4('10.77.0.1', '10.77.0.2', 1, bytes([40, 0, 0xd7, 0xfe, 0, 0, 0, 1])))"
filter='icmp and src host 10.77.0.1'
drop=icmp_rcv
cause='icmp_rcv /icmph->type > NR_ICMP_TYPES/'
send_well="into(ip4('10.77.0.1', '10.77.0.2', 1, bytes([8, 0, 0xf7, 0xfe, 0, 0, 0, 1])))"
