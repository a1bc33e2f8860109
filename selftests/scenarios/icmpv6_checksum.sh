truth='icmpv6_rcv(): the checksum is wrong'
setup() { ipv6_on; }
send='frame("d1", "a0", eth("02:00:00:00:00:02", ETH_IP6, ip6("2001:db8::1", "2001:db8::2", 58, icmp6("2001:db8::1", "2001:db8::2", 128, bad=5))))'
filter='ip6 and icmp6 and ip6[40] = 128'
drop='icmpv6_rcv'
reason=ICMP_CSUM
cause='icmpv6_rcv /skb_checksum_validate/
__skb_checksum_validate_complete /.*/
__skb_checksum_complete /if \(likely\(!sum\)\)|sum/'
