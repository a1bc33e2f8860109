truth='ip_rcv_options(): a loose source route, and accept_source_route is off: !IN_DEV_SOURCE_ROUTE(in_dev)'
setup() { set_in d2 net.ipv4.conf.{all,b0}.accept_source_route=0; }
send="into(udp4('10.77.0.1', '10.77.0.2', 3000, 7001, options=bytes([131, 7, 4, 10, 88, 0, 2, 1])))"
filter='dst port 7001 or src host 10.77.0.1'
drop='ip_rcv_finish_core'
cause='ip_rcv_options /IN_DEV_SOURCE_ROUTE/
ip_rcv_options /IN_DEV_LOG_MARTIANS/'
