truth='ip_route_input_slow(): 127.0.0.9 from outside, and route_localnet is off'
send="into(udp4('10.77.0.9', '127.0.0.9', 3009, 7002))"
filter='src host 10.77.0.9'
drop=ip_rcv_finish_core
cause='ip_route_input_slow /IN_DEV_NET_ROUTE_LOCALNET\(in_dev, net\)/'
remedy() { set_in d2 net.ipv4.conf.b0.route_localnet=1; }
