#!/bin/bash
# Drops below and beside IP, made for real: malformed frames, a bridge, tunnels of
# modules that are loaded while the monitor runs, packet filters, queues, neighbours
# that do not answer. And that nothing is reported once the cause has gone.
# timeout: 900
# shellcheck disable=SC2317 # conditions are called by their names
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"

b0=02:00:00:00:00:02

into() { # ARG… - a frame into l2
	net "frame('l1', 'a0', $1)"
}

frames() {
	into 'eth(BROADCAST, ETH_ARP, arp("10.78.0.31", "10.78.0.2", hln=8))'
	drops 'ARP with addresses of a wrong length' 1 'netns == l2 and symbol == "arp_rcv"' \
		'inline[-1] == "arp_rcv" and l3 == "arp" and dev == "b0"'
	into 'eth(BROADCAST, ETH_ARP, arp("10.78.0.32", "10.78.0.2"))'
	none 'no drop of ARP that is answered' 'netns == l2 and src == "10.78.0.32"'
	into "eth('$b0', 0x88b5, b'nobody listens to this' + bytes(40))"
	drops 'an EtherType that nobody listens to' 1 'netns == l2 and len == 62' \
		'because("UNHANDLED_PROTO") and symbol.startswith("__netif_receive_skb_core") and
		 at("net/core/dev.c") and (src, dst, l4) == (None, None, None)'
}

# As "ip netns exec" has a /sys of that namespace.
port_forwards() {
	[[ $(ip netns exec l2 cat /sys/class/net/p0/brport/state) == 3 ]]
}

bridge_vlan() {
	must modprobe bridge
	link_add l1 v0 02:00:00:00:00:05 - l2 p0 02:00:00:00:00:06 -
	must ip -n l2 link add br0 address 02:00:00:00:00:07 type bridge vlan_filtering 1 vlan_default_pvid 1
	must ip -n l2 link set p0 master br0
	must ip -n l2 link set br0 up
	net 'listen("l2", "udp", 7102)'
	must_await 'the port to forward' port_forwards
	local tagged='frame("l1", "v0", eth("02:00:00:00:00:07", ETH_VLAN, vlan(77, ETH_IP,
		udp4("10.79.0.1", "10.79.0.2", SPORT, 7102))))'
	tagged=${tagged//$'\n'/}
	net "${tagged/SPORT/3101}"
	drops 'a VLAN that the port of a bridge does not have' 1 'netns == l2 and sport == 3101' \
		'"__allowed_ingress" in inline and module == "bridge" and dev == "p0" and vlan == 77'
	must bridge -n l2 vlan add dev p0 vid 77
	must bridge -n l2 vlan add dev br0 vid 77 self
	must ip -n l2 link add br0.77 link br0 type vlan id 77
	must ip -n l2 addr add 10.79.0.2/24 dev br0.77
	must ip -n l2 link set br0.77 up
	net "${tagged/SPORT/3102}"
	none 'no drop of a VLAN that it has' 'sport == 3102'
}

gre() {
	must modprobe gre
	into "eth('$b0', ETH_IP, ip4('10.78.0.1', '10.78.0.2', 47, bytes([0, 3]) + bytes(18)))"
	drops 'GRE of an unknown version, in module gre' 1 'netns == l2 and module == "gre"' \
		'symbol == "gre_rcv" and inline[-1] == "gre_rcv" and l4 == "gre"'
	must modprobe ip_gre
	local inner='bytes([0, 0, 8, 0]) + udp4("10.80.0.1", "10.80.0.2", SPORT, 7102)'
	into "eth('$b0', ETH_IP, ip4('10.78.0.1', '10.78.0.2', 47, ${inner/SPORT/3104}))"
	drops 'GRE without a tunnel, in module ip_gre' 1 'netns == l2 and module == "ip_gre"' \
		'symbol == "gre_rcv" and inline[-1] == "gre_rcv" and tunnel == "gre" and
		 (inner.src, inner.dst, inner.sport, inner.dport) == ("10.80.0.1", "10.80.0.2", 3104, 7102)'
	must ip -n l2 tunnel add g1 mode gre local 10.78.0.2 remote 10.78.0.1
	must ip -n l2 addr add 10.80.0.2/24 dev g1
	must ip -n l2 link set g1 up
	into "eth('$b0', ETH_IP, ip4('10.78.0.1', '10.78.0.2', 47, ${inner/SPORT/3105}))"
	none 'no drop of GRE with a tunnel' '3105 in (sport, inner.sport)'
}

vxlan() {
	must modprobe vxlan
	must ip -n l1 link add vx0 type vxlan id 42 remote 192.0.2.99 dstport 4789
	must ip -n l1 addr add 10.81.0.1/24 dev vx0
	must ip -n l1 link set vx0 up
	must ip -n l1 neigh add 10.81.0.2 lladdr 02:00:00:00:00:08 dev vx0
	net 'udp("l1", "10.81.0.2", 7103, sport=3106)'
	drops 'VXLAN without a route to the other end' 1 'sport == 3106' \
		'(symbol, module, dev, netns) == ("vxlan_xmit_one", "vxlan", "vx0", l1)'
	must ip -n l2 addr add 192.0.2.99/32 dev lo
	must ip -n l1 route add 192.0.2.99 via 10.78.0.2
	net 'udp("l1", "10.81.0.2", 7103, sport=3107)'
	none 'no drop in VXLAN with one' 'netns == l1 and 3107 in (sport, inner.sport)'
	drops 'but at the other end, which is closed' 1 'netns == l2 and inner.sport == 3107' \
		'because("NO_SOCKET") and (dst, dport, tunnel, tunnel_id) == ("192.0.2.99", 4789, "vxlan", 42) and
		 (inner.src, inner.dst, inner.l4, inner.dport) == ("10.81.0.1", "10.81.0.2", "udp", 7103)'
}

packet_filters() {
	must modprobe nf_tables
	must ip netns exec l2 nft 'table inet f { chain c { type filter hook input priority 0;
		udp dport 7104 drop; }; }'
	net 'listen("l2", "udp", 7104)'
	net 'udp("l1", "10.78.0.2", 7104, sport=3108, mark=7)'
	must ip netns exec l2 nft delete table inet f
	net 'udp("l1", "10.78.0.2", 7104, sport=3109)'
	drops 'a rule of nftables' 1 'sport == 3108' \
		'because("NETFILTER_DROP") and inline[-1] in ("nf_hook_slow", "nft_do_chain") and
		 (dev, netns) == ("b0", l2)'
	none 'no drop without the rule' 'sport == 3109'

	must modprobe -a sch_ingress cls_u32 act_gact
	must tc -n l2 qdisc add dev b0 ingress
	must tc -n l2 filter add dev b0 parent ffff: protocol ip u32 match ip dport 7105 0xffff action drop
	net 'listen("l2", "udp", 7105)'
	net 'udp("l1", "10.78.0.2", 7105, sport=3110)'
	must tc -n l2 qdisc del dev b0 ingress
	net 'udp("l1", "10.78.0.2", 7105, sport=3111)'
	drops 'an action of a traffic class at ingress, inlined' 1 'sport == 3110' \
		'because("TC_INGRESS") and symbol.startswith("__netif_receive_skb_core") and
		 "sch_handle_ingress" in inline and inline[-1] == "__netif_receive_skb_core"'
	none 'no drop without the class' 'sport == 3111'
}

queues() {
	must tc -n l1 qdisc add dev a0 root bfifo limit 300
	net 'udp("l1", "10.78.0.2", 7102, sport=3112, size=800)'
	net 'udp("l1", "10.78.0.2", 7102, sport=3113, size=80)'
	must tc -n l1 qdisc del dev a0 root
	drops 'a queue that is full: freed from a list' 1 'sport == 3112' \
		'because("QDISC_DROP") and
		 (symbol.startswith(("kfree_skb_list", "__tcf_kfree_skb_list")) or
		  inline == ["__dev_xmit_skb", "__dev_queue_xmit"]) and
		 (dev, netns, len) == ("a0", l1, 828) and "__dev_queue_xmit" in stack'
	none 'no drop of what has room in it' 'sport == 3113'

	set_in l1 net.ipv4.neigh.a0.retrans_time_ms=100 net.ipv4.neigh.a0.mcast_solicit=1
	net 'udp("l1", "10.78.0.99", 7, sport=3114, count=2)'
	must_await 'the neighbour to fail' seen all '"sport":3114' 2
	# Freed by a tail call of arp_error_report().
	drops 'a neighbour that does not answer: dropped by a timer' 2 'sport == 3114' \
		'because("NEIGH_FAILED", "NOT_SPECIFIED") and symbol in ("arp_error_report", "neigh_invalidate") and
		 (dev, netns) == ("a0", l1) and "neigh_timer_handler" in stack'
}

netns_add l1 l2
link_add l1 a0 02:00:00:00:00:01 10.78.0.1/24 l2 b0 $b0 10.78.0.2/24
set_in l2 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
watch_drops
frames
bridge_vlan
gre
vxlan
packet_filters
queues
judge_watched l1 10.78.0.2
finish
