truth='fib_lookup() of 203.0.113.9 finds no rule and no route: fib_table_lookup() = -EAGAIN, handed up as -ENETUNREACH'
setup() { third; }
send="into(udp4('10.77.0.1', '203.0.113.9', 3000, 7001))"
filter='dst host 203.0.113.9'
drop=ip_error
reason='IP_INNOROUTES'
cause='fib_lookup /./
fib_table_lookup /./
ip_route_input_slow /err != 0/'
remedy() { in_d2 'route add 203.0.113.0/24 via 10.88.0.2'; }
