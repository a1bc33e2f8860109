truth='ip_route_input_slow(): a route to others, and IN_DEV_FORWARD(in_dev) is 0'
setup() { third; set_in d2 net.ipv4.ip_forward=0; }
send="into(udp4('10.77.0.1', '10.88.0.2', 3000, 7001))"
filter='dst host 10.88.0.2'
drop=ip_error
cause='ip_route_input_slow /IN_DEV_FORWARD\(in_dev\)/'
remedy() { set_in d2 net.ipv4.ip_forward=1; }
