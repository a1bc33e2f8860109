#!/bin/bash
# Drops in the IP layers and above, made for real between two hosts: what is
# reported of them, and that nothing is once the cause has gone. One monitor of
# everything watches all of it; its report is then held against what was sent,
# against the kernel's own trace, and against another symboliser.
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"

two_hosts() { # NAMESPACE NAMESPACE: r1 is 10.77.0.1 on a0, r2 10.77.0.2 on b0
	netns_add "$1" "$2"
	link_add "$1" a0 02:00:00:00:00:01 10.77.0.1/24 "$2" b0 02:00:00:00:00:02 10.77.0.2/24
	set_in "$2" net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.b0.rp_filter=0
}

two_hosts6() { # the same for IPv6, on a cable of its own
	netns_add "$1" "$2"
	set_in "$1" net.ipv6.conf.{all,default}.disable_ipv6=0
	set_in "$2" net.ipv6.conf.{all,default}.disable_ipv6=0 net.ipv6.conf.all.forwarding=1
	link_add "$1" c0 02:00:00:00:00:03 - "$2" d0 02:00:00:00:00:04 -
	must ip -n "$1" addr add 2001:db8::1/64 dev c0 nodad
	must ip -n "$2" addr add 2001:db8::2/64 dev d0 nodad
}

# in4 ARG… - an IPv4 packet into r2, as it stands on the wire
in4() {
	net "frame('r1', 'a0', eth('02:00:00:00:00:02', ETH_IP, $1))"
}

ospf() {
	net 'raw("r1", "224.0.0.5", 89, ospf_hello(), "a0", 2)'
	drops 'OSPF hello to a group that was not joined' 2 \
		'netns == r2 and l4 == "ospf" and src == "10.77.0.1"' \
		'because("NOT_SPECIFIED", "IP_INADDRERRORS", "IP_LOCALNOTFOUND") and
		 (dropper, module) == ("ip_rcv_finish_core", None) and at("net/ipv4/ip_input.c") and
		 symbol.startswith("ip_rcv_finish_core") and inline[-1] == "ip_rcv_finish_core" and
		 (dst, dev, len) == ("224.0.0.5", "b0", 64)'
	# Joined, but no routing daemon: the place is another one.
	must ip -n r2 addr add 224.0.0.5/32 dev b0 autojoin
	in4 'ip4("10.77.0.21", "224.0.0.5", 89, ospf_hello(), ttl=1)'
	# Freed by a tail call of ip_protocol_deliver_rcu(): its caller is what can be told.
	drops 'OSPF hello to a group that was joined, without a daemon' 1 \
		'netns == r2 and l4 == "ospf" and src == "10.77.0.21"' \
		'because("IP_NOPROTO") and at("net/ipv4/ip_input.c") and
		 symbol in ("ip_protocol_deliver_rcu", "ip_local_deliver_finish")'
	net 'listen("r2", "raw", 89)'
	in4 'ip4("10.77.0.22", "224.0.0.5", 89, ospf_hello(), ttl=1)'
	none 'no drop of an OSPF hello that a daemon gets' 'netns == r2 and src == "10.77.0.22"'
}

udp() {
	net 'udp("r1", "10.77.0.2", 7001, count=3, sport=3001)'
	drops 'UDP to a closed port' 3 'netns == r2 and l4 == "udp" and dport == 7001' \
		'because("NO_SOCKET") and at("net/ipv4/udp.c") and symbol in ("__udp4_lib_rcv", "udp_rcv") and
		 (l3, l4, src, dst, sport) == ("ipv4", "udp", "10.77.0.1", "10.77.0.2", 3001) and
		 (dev, len, mark) == ("b0", 37, 0)'
	net 'listen("r2", "udp", 7002)'
	net 'udp("r1", "10.77.0.2", 7002, count=3, sport=3020)'
	none 'no drop of UDP to an open port' 'sport == 3020'
	in4 'udp4("10.77.0.1", "10.77.0.2", 3002, 7002, bad=1)'
	drops 'UDP with a wrong checksum' 1 'netns == r2 and sport == 3002' \
		'because("UDP_CSUM") and at("net/ipv4/udp.c") and symbol in ("__udp4_lib_rcv", "udp_rcv")'
	net 'listen("r2", "udp", 7004, rcvbuf=1)'
	net 'udp("r1", "10.77.0.2", 7004, count=40, size=400)'
	drops 'UDP to a socket that nobody reads' 1+ 'netns == r2 and dport == 7004' \
		'because("SOCKET_RCVBUFF") and at("net/ipv4/udp.c") and len == 428'
}

tcp() {
	net 'connect("r1", "10.77.0.2", 7001)'
	is 'a TCP connection to a closed port is refused' "$net_answer" ConnectionRefusedError
	drops 'TCP to a closed port' 1 'netns == r2 and l4 == "tcp" and dport == 7001' \
		'because("NO_SOCKET") and at("net/ipv4/tcp_ipv4.c") and symbol == "tcp_v4_rcv"'
	net 'listen("r2", "tcp", 7002)'
	net 'connect("r1", "10.77.0.2", 7002)'
	is 'a TCP connection to an open port is made' "$net_answer" connected
	none 'no drop of TCP to an open port' 'l4 == "tcp" and dport == 7002 and sport != 3003'
	in4 'tcp4("10.77.0.1", "10.77.0.2", 3003, 7002, bad=1)'
	drops 'TCP with a wrong checksum' 1 'netns == r2 and l4 == "tcp" and sport == 3003' \
		'because("TCP_CSUM") and at("net/ipv4/tcp_ipv4.c") and symbol == "tcp_v4_rcv"'
}

routes() {
	set_in r2 net.ipv4.conf.b0.rp_filter=1
	in4 'udp4("198.51.100.9", "10.77.0.2", 3004, 7002)'
	set_in r2 net.ipv4.conf.b0.rp_filter=0
	in4 'udp4("198.51.100.9", "10.77.0.2", 3005, 7002)'
	drops 'a source that rp_filter refuses' 1 'sport == 3004' \
		'because("IP_RPFILTER") and dropper == "ip_rcv_finish_core" and src == "198.51.100.9"'
	none 'no drop without rp_filter' 'sport == 3005'

	set_in r2 net.ipv4.ip_forward=1
	must ip -n r2 route add 203.0.113.0/24 via 10.77.0.1
	in4 'udp4("10.77.0.1", "203.0.113.9", 3006, 9, ttl=1)'
	drops 'a TTL that has run out' 1 'netns == r2 and sport == 3006' \
		'because("IP_INHDR", "NOT_SPECIFIED") and symbol == "ip_forward" and
		 at("net/ipv4/ip_forward.c")'
	in4 'udp4("10.77.0.1", "203.0.113.9", 3007, 9, ttl=9)'
	none 'no drop of what can be forwarded' 'netns == r2 and sport == 3007'
	drops 'a packet for others, at a host that does not forward' 1 'netns == r1 and sport == 3007' \
		'because("IP_INADDRERRORS", "NOT_SPECIFIED") and symbol == "ip_error" and
		 at("net/ipv4/route.c") and dev == "a0"'
	in4 'udp4("10.77.0.1", "192.0.2.77", 3008, 9)'
	drops 'no route' 1 'netns == r2 and sport == 3008' \
		'because("IP_INNOROUTES", "NOT_SPECIFIED") and symbol == "ip_error"'
}

malformed() {
	in4 'bytes(10)'
	drops 'less than an IP header' 1 'netns == r2 and symbol == "ip_rcv_core" and len == 10' \
		'because("IP_INHDR") and src is None and dst is None and dport is None'
	in4 'udp4("10.77.0.1", "10.77.0.2", 3009, 7002, length=900)'
	drops 'less than the IP header says' 1 'netns == r2 and sport == 3009' \
		'because("PKT_TOO_SMALL") and symbol == "ip_rcv_core"'
	in4 'ip4("10.77.0.1", "10.77.0.2", 17, udp_head("10.77.0.1", "10.77.0.2", 3010, 7002), bad=1)'
	drops 'an IP header with a wrong checksum' 1 'netns == r2 and sport == 3010' \
		'because("IP_CSUM") and symbol == "ip_rcv_core"'
	net "frame('r1', 'a0', eth('02:00:00:00:00:42', ETH_IP, udp4('10.77.0.1', '10.77.0.2', 3011, 7002)))"
	drops 'a frame for another host' 1 'netns == r2 and sport == 3011' \
		'because("OTHERHOST") and symbol == "ip_rcv_core"'
}

ipv6() {
	local mac=02:00:00:00:00:04
	net 'udp("r3", "2001:db8::2", 7001, count=2)'
	drops 'IPv6: UDP to a closed port' 2 'netns == r4 and l3 == "ipv6" and dport == 7001' \
		'because("NO_SOCKET") and at("net/ipv6/udp.c") and symbol in ("__udp6_lib_rcv", "udpv6_rcv") and
		 (l4, src, dst, dev, len) == ("udp", "2001:db8::1", "2001:db8::2", "d0", 57)'
	net 'listen("r4", "udp6", 7002)'
	net 'udp("r3", "2001:db8::2", 7002, count=2, sport=3021)'
	none 'IPv6: no drop of UDP to an open port' 'sport == 3021'
	net "frame('r3', 'c0', eth('$mac', ETH_IP6, udp6('2001:db8::1', '2001:db8:9::1', 3012, 9)))"
	drops 'IPv6: no route' 1 'netns == r4 and sport == 3012' \
		'at("net/ipv6/route.c") and symbol in ("ip6_pkt_drop", "ip6_pkt_discard")'
	must ip -n r4 route add 2001:db8:8::/64 via 2001:db8::1
	net "frame('r3', 'c0', eth('$mac', ETH_IP6, udp6('2001:db8::1', '2001:db8:8::1', 3013, 9, hops=1)))"
	drops 'IPv6: a hop limit that has run out' 1 'netns == r4 and sport == 3013' \
		'because("IP_INHDR", "NOT_SPECIFIED") and symbol == "ip6_forward" and
		 at("net/ipv6/ip6_output.c")'
	net "frame('r3', 'c0', eth('$mac', ETH_IP6, udp6('2001:db8::1', '2001:db8:8::1', 3014, 9, hops=9)))"
	none 'IPv6: no drop of what can be forwarded' 'netns == r4 and sport == 3014'
}

no_packets() {
	net 'unix_unread(b"one two three")'
	drops 'a unix datagram that nobody read is no packet' 1 'l3 is None and len == 13' \
		'inline[-1] == "unix_release_sock" and (src, l4, dev, dport) == (None, None, None, None)'
	net 'netlink_unread()'
	drops 'nor is a netlink message' 1 '"netlink_sock_destruct" in stack' \
		'(l3, src, l4, dport) == (None, None, None, None)'
}

two_hosts r1 r2
two_hosts6 r3 r4
began=$(date +%s%N)
watch_drops
ospf
udp
tcp
routes
malformed
no_packets
ipv6
drops 'times are those of the drops' 1+ True "$began < time < $((began + 600000000000))"
drops 'the stack begins at the location' 1+ 'netns == r2' \
	'stack[0] == function and "__netif_receive_skb_one_core" in stack'
judge_watched r1 10.77.0.2
finish
