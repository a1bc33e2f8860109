truth='fib_validate_source(): the source is an address of this host (found by inet_lookup_ifaddr_rcu()), and accept_local is off; with rules of its own, __fib_validate_source() finds out'
setup() { in_d2 'addr add 10.99.0.1/32 dev lo'; }
send="into(udp4('10.99.0.1', '10.77.0.2', 3000, 7001))"
filter='src host 10.99.0.1'
drop=ip_rcv_finish_core
cause='fib_validate_source /inet_lookup_ifaddr_rcu/
fib_validate_source /IN_DEV_ACCEPT_LOCAL/
__fib_validate_source /RTN_UNICAST/
__fib_validate_source /IN_DEV_ACCEPT_LOCAL/'
remedy() { set_in d2 net.ipv4.conf.b0.accept_local=1; }
