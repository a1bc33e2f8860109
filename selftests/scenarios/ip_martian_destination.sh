truth='ip_route_input_slow(): the destination is 0.0.0.0 (ipv4_is_zeronet())'
send="into(udp4('10.77.0.9', '0.0.0.0', 3009, 7002))"
send_well="into(udp4('10.77.0.1', '10.77.0.2', 3009, 7002))"
filter='src host 10.77.0.9'
drop=ip_rcv_finish_core
cause='ip_route_input_slow /ipv4_is_zeronet\(daddr\)/'
