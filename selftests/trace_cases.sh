#!/bin/bash
# The line paths of packets that are dropped for real: the cases that the tool was
# made for, each with what is known of them from the source and from other tools.
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"

# trace NAME ARG… - `dropctl trace` in the background, armed when this returns
trace() {
	stream_verb=trace monitor "$@"
}

# traced NAME - waits for a trace to end, which it does by its --count, and judges it by
# the rules on stdin: name, tab, expression
traced() {
	monitor_end "$1" ''
	is "$1: the trace ends as done, nothing lost" "$status" 0
	cat > "$work/rules"
	judge_with paths.py "$work/$1.json" "$work/rules"
}

netns_add t1 t2
link_add t1 a0 02:00:00:00:00:01 10.77.0.1/24 t2 b0 02:00:00:00:00:02 10.77.0.2/24
set_in t2 net.ipv4.conf.{all,b0}.rp_filter=0

hello='raw("t1", "224.0.0.5", 89, ospf_hello(), "a0")'

ospf() {
	trace ospf --count 1 ip_rcv_finish_core ip_route_input_noref ip_route_input_rcu ip_check_mc_rcu \
		--values 'list(in_dev->mc_list, next_rcu, multiaddr)' --values 'in_dev->mc_hash' \
		--values 'dev->priv_flags' -- proto ospf
	net "$hello"
	traced ospf <<-'RULES'
		dropped where monitor says	path["dropped"] and "ip_rcv_finish_core" in path["drop"]["location"]["inline"]
		ip_rcv_finish_core ran to the call	("ip_route_input_noref", 2 if by_reason else -22) in calls("ip_rcv_finish_core")
		ip_route_input_noref failed	frame("ip_route_input_noref")["retval_text"] == ("NOT_SPECIFIED" if by_reason else "-EINVAL")
		ip_route_input_rcu within it, inlined (all or a part) or called	"ip_route_input_rcu" in inlined("ip_route_input_noref") or frames("ip_route_input_rcu")
		ip_check_mc_rcu returned 0	frame("ip_check_mc_rcu")["retval"] == 0
		the caller saw that	("ip_check_mc_rcu", 0) in calls("ip_route_input_noref") + calls("ip_route_input_rcu")
		the groups that were joined	values("ip_check_mc_rcu", "list(in_dev->mc_list, next_rcu, multiaddr)")[0] == ["224.0.0.1"]
		no table of groups	values("ip_check_mc_rcu", "in_dev->mc_hash")[0] in (None, 0, "NULL")
		flags of the device	values("ip_rcv_finish_core", "dev->priv_flags") or values("ip_route_input_noref", "dev->priv_flags")
		nested as called	[f["depth"] for f in path["frames"]] == list(range(len(path["frames"])))
		the packet as it came in	path["packet"]["dev"] == "b0" and path["drop"]["packet"]["dev"] == "b0"
		no doubt about the way	all(f["certain"] and not f["truncated"] for f in path["frames"])
	RULES
}

gre() {
	must modprobe gre
	trace gre --count 1 gre_rcv@gre -- proto gre
	net "frame('t1', 'a0', eth('02:00:00:00:00:02', ETH_IP, ip4('10.77.0.1', '10.77.0.2', 47, bytes([0, 3]) + bytes(18))))"
	traced gre <<-'RULES'
		in the module gre	frame("gre_rcv")["module"] == "gre"
		dropped there	path["dropped"] and path["drop"]["location"]["module"] == "gre"
		lines of the module	len(lines("gre_rcv")) >= 3 and all(l["file"] for l in frame("gre_rcv")["lines"])
		returned NET_RX_DROP	frame("gre_rcv")["retval"] == 1
	RULES
}

vxlan() {
	must modprobe vxlan
	must ip -n t1 link add vx0 type vxlan id 42 remote 192.0.2.99 dstport 4789
	must ip -n t1 addr add 10.81.0.1/24 dev vx0
	must ip -n t1 link set vx0 up
	must ip -n t1 neigh add 10.81.0.2 lladdr 02:00:00:00:00:08 dev vx0
	trace vxlan --count 1 vxlan_xmit_one@vxlan -- udp dst port 7103
	net 'udp("t1", "10.81.0.2", 7103, sport=3106)'
	traced vxlan <<-'RULES'
		dropped there	path["dropped"] and path["drop"]["location"]["inline"][-1] == "vxlan_xmit_one"
		the lookup of a route failed	any(retval is not None and -4096 < retval < 0 for _, retval in calls("vxlan_xmit_one"))
	RULES
}

source_address() { # NAME SOURCE SETTING: rp_filter and accept_local
	set_in t2 "$3"
	trace "$1" --count 1 ip_rcv_finish_core ip_route_input_noref fib_validate_source \
		__fib_validate_source -- src host "$2"
	net "frame('t1', 'a0', eth('02:00:00:00:00:02', ETH_IP, udp4('$2', '10.77.0.2', 3000, 7001)))"
	traced "$1"
	set_in t2 net.ipv4.conf.b0.rp_filter=0
}

ospf
gre
vxlan
must ip -n t2 route add default dev lo
source_address rp_filter 10.99.0.9 net.ipv4.conf.b0.rp_filter=1 <<-'RULES'
	refused as invalid across devices	frame("__fib_validate_source")["retval_text"] == ("-IP_RPFILTER" if by_reason else "-EXDEV")
	and handed up	frame("__fib_validate_source")["retval"] in [value for callee, value in calls("ip_route_input_noref") + calls("ip_route_input_slow") if callee == "fib_validate_source"] + [f["retval"] for f in frames("fib_validate_source")]
RULES
source_address accept_local 10.77.0.2 net.ipv4.conf.b0.accept_local=0 <<-'RULES'
	refused as invalid	any(f["retval_text"] == ("-IP_LOCAL_SOURCE" if by_reason else "-EINVAL") for f in frames("__fib_validate_source") + frames("fib_validate_source"))
RULES
finish
