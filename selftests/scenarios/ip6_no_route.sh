truth='fib6_lookup finds only the null entry, whose input is ip6_pkt_discard()'
setup() { ipv6_on; set_in d2 net.ipv6.conf.all.forwarding=1; }
send="into(udp6('2001:db8::9', '2001:db8:8::1', 3000, 7001), ethertype=ETH_IP6)"
filter='ip6 and dst host 2001:db8:8::1'
drop='ip6_pkt_drop|ip6_pkt_discard'
cause='fib6_table_lookup /./
fib6_select_path /./
ip6_pol_route /./
fib6_node_lookup /./
fib6_node_lookup_1 /./
rt6_select /./'
incomplete='the null entry is a static object; who chose it is a matter of the lookup'
remedy() { in_d2 'route add 2001:db8:8::/64 via 2001:db8::1'; }
