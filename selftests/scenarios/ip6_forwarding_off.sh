truth='ip6_forward(): devconf_all->forwarding is 0'
setup() { ipv6_on; in_d2 'route add 2001:db8:8::/64 via 2001:db8::1'; }
send="into(udp6('2001:db8::9', '2001:db8:8::1', 3000, 7001), ethertype=ETH_IP6)"
filter='ip6 and dst host 2001:db8:8::1'
drop=ip6_forward
cause='ip6_forward /devconf_all->forwarding == 0/'
remedy() { set_in d2 net.ipv6.conf.all.forwarding=1; }
