truth='ip_forward(): ttl is 1'
setup() { third; }
send="into(udp4('10.77.0.1', '10.88.0.2', 3000, 7001, ttl=1))"
send_well="into(udp4('10.77.0.1', '10.88.0.2', 3000, 7001))"
filter='dst host 10.88.0.2'
drop=ip_forward
reason=IP_INHDR
cause='ip_forward /ttl <= 1/'
