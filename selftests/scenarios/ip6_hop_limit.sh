truth='ip6_forward(): hop_limit is 1'
setup() { ipv6_on; set_in d2 net.ipv6.conf.all.forwarding=1; in_d2 'route add 2001:db8:8::/64 via 2001:db8::1'; }
send="into(udp6('2001:db8::9', '2001:db8:8::1', 3000, 7001, hops=1), ethertype=ETH_IP6)"
send_well="into(udp6('2001:db8::9', '2001:db8:8::1', 3000, 7001, hops=9), ethertype=ETH_IP6)"
filter='ip6 and dst host 2001:db8:8::1'
drop=ip6_forward
cause='ip6_forward /hop_limit <= 1/'
