truth='ip6_tlvopt_unknown(): an unknown option whose type says drop'
setup() { ipv6_on; }
send='frame("d1", "a0", eth("02:00:00:00:00:02", ETH_IP6, ip6("2001:db8::1", "2001:db8::2", 0, bytes([17, 0, 0x5e, 4, 0, 0, 0, 0]) + udp_head("2001:db8::1", "2001:db8::2", 4000, 5000))))'
send_well='frame("d1", "a0", eth("02:00:00:00:00:02", ETH_IP6, ip6("2001:db8::1", "2001:db8::2", 0, bytes([17, 0, 0x1e, 4, 0, 0, 0, 0]) + udp_head("2001:db8::1", "2001:db8::2", 4000, 5000))))'
filter='ip6 and ip6[6] = 0'
drop='ip6_tlvopt_unknown|ip6_parse_tlv|ipv6_parse_hopopts'
cause='ip6_tlvopt_unknown /switch/'
