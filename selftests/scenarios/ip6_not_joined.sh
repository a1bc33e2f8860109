truth='ip6_mc_input(): ipv6_chk_mcast_addr() of ff15::77 is false'
setup() { ipv6_on; }
send="into(udp6('2001:db8::1', 'ff15::77', 3000, 7001), dst='33:33:00:00:00:77', ethertype=ETH_IP6)"
filter='ip6 and dst host ff15::77'
drop='ip6_mc_input'
cause='ipv6_chk_mcast_addr /./
ip6_mc_input /likely\(deliver\)/'
