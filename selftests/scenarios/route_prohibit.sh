truth='fib_table_lookup(): fib_props[RTN_PROHIBIT].error is -EACCES'
setup() { third; in_d2 'route add prohibit 203.0.113.0/24'; }
send="into(udp4('10.77.0.1', '203.0.113.9', 3000, 7001))"
filter='dst host 203.0.113.9'
drop='ip_error'
cause='fib_table_lookup /fib_props\[fa->fa_type\]/
fib_table_lookup /err < 0/'
remedy() { in_d2 'route del prohibit 203.0.113.0/24' 'route add 203.0.113.0/24 via 10.88.0.2'; }
