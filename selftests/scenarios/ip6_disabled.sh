truth='ip6_rcv_core(): idev->cnf.disable_ipv6 is 1'
setup() { ipv6_on; set_in d2 net.ipv6.conf.b0.disable_ipv6=1; }
send="into(udp6('2001:db8::1', '2001:db8::2', 3000, 7001), ethertype=ETH_IP6)"
filter='ip6 and dst port 7001'
drop=ip6_rcv_core
reason=IPV6DISABLED
cause='ip6_rcv_core /disable_ipv6/'
remedy() { set_in d2 net.ipv6.conf.b0.disable_ipv6=0; in_d2 'addr add 2001:db8::2/64 dev b0 nodad'; }
