truth='ip6_rcv_core(): payload_len is 512 more than there is'
setup() { ipv6_on; }
send="into(b'\\x60\\0\\0\\0\\2' + udp6('2001:db8::1', '2001:db8::2', 3000, 7001)[5:], ethertype=ETH_IP6)"
send_well="into(udp6('2001:db8::1', '2001:db8::2', 3000, 7001), ethertype=ETH_IP6)"
filter='ip6 and src host 2001:db8::1'
drop=ip6_rcv_core
reason=PKT_TOO_SMALL
cause='ip6_rcv_core /pkt_len \+ sizeof\(struct ipv6hdr\) > skb->len/'
