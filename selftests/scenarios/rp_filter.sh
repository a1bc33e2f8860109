truth='__fib_validate_source(): no route back through b0 and rpf is 1 (strict)'
setup() { in_d2 'route add default dev lo'; set_in d2 net.ipv4.conf.b0.rp_filter=1; }
send="into(udp4('10.99.0.9', '10.77.0.2', 3000, 7001))"
filter='src host 10.99.0.9'
drop=ip_rcv_finish_core
reason=IP_RPFILTER
cause='__fib_validate_source /rpf == 1/
__fib_validate_source /dev_match/'
remedy() { set_in d2 net.ipv4.conf.b0.rp_filter=0; }
