truth='ip_rcv_core(): pkt_type is PACKET_OTHERHOST, from the address of the frame'
send="frame('d1', 'a0', eth('02:00:00:00:00:42', ETH_IP, udp4('10.77.0.9', '10.77.0.2', 3011, 7002)))"
send_well="into(udp4('10.77.0.9', '10.77.0.2', 3011, 7002))"
filter='src host 10.77.0.9'
drop=ip_rcv_core
reason=OTHERHOST
cause='ip_rcv_core /pkt_type == PACKET_OTHERHOST/'
