#!/bin/bash
# The options of `dropctl trace`, each with what it is to change.
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"

# trace NAME ARG… - `dropctl trace` in the background, armed when this returns
trace() {
	stream_verb=trace monitor "$@"
}

# ended NAME STATUS - waits for a trace to end by itself
ended() {
	monitor_end "$1" ''
	is "$1: status" "$status" "$2"
}

# rules NAME - judges what a trace wrote by the rules on stdin: name, tab, expression
rules() {
	sed "s/^/$1: /" > "$work/rules"
	judge_with paths.py "$work/$1.json" "$work/rules"
}

netns_add q1 q2
link_add q1 a0 02:00:00:00:00:01 10.77.0.1/24 q2 b0 02:00:00:00:00:02 10.77.0.2/24
set_in q2 net.ipv4.conf.{all,b0}.rp_filter=0 net.ipv4.igmp_max_memberships=100
net 'listen("q2", "udp", 7001)'

packet="eth('02:00:00:00:00:02', ETH_IP, udp4('10.77.0.1', '10.77.0.2', 3000, 7000"
hello='raw("q1", "224.0.0.5", 89, ospf_hello(), "a0")'

# --- what is followed: --callees, --within, --packet-arg ---

callees() {
	trace callees --count 1 --callees 1 ip_rcv_finish_core -- proto ospf
	net "$hello"
	ended callees 0
	rules callees <<-'RULES'
		a callee that was not named	("ip_route_input_noref", 1) in [(f["function"], f["depth"]) for f in path["frames"]]
		it returned what its caller saw	("ip_route_input_noref", frame("ip_route_input_noref")["retval"]) in calls("ip_rcv_finish_core")
		not what it calls itself	"ip_check_mc_rcu" not in [f["function"] for f in path["frames"]]
	RULES
}

within() {
	trace within --count 1 --within ip_rcv_finish_core ip_check_mc_rcu -- proto ospf
	net "$hello"
	ended within 0
	rules within <<-'RULES'
		the function alone is shown	[f["function"] for f in path["frames"]] == ["ip_check_mc_rcu"]
		its lines	len(lines("ip_check_mc_rcu")) > 2
		the packet around it	path["packet"]["l4"] == "ospf" and path["dropped"]
	RULES
	trace elsewhere --timeout 2 --within ip_forward ip_check_mc_rcu -- proto ospf
	net "$hello"
	ended elsewhere 3
}

packet_arg() {
	trace packet-arg --every --count 1 --packet-arg 2 udp_queue_rcv_skb -- udp dst port 7001
	net 'udp("q1", "10.77.0.2", 7001)'
	ended packet-arg 0
	rules packet-arg <<-'RULES'
		followed	[f["function"] for f in path["frames"]] == ["udp_queue_rcv_skb"]
		with that packet	path["packet"]["dport"] == 7001 and not path["dropped"]
	RULES
}

# --- which packets: --every, --passing, --count, --timeout, --diff ---

passing() {
	trace passing --passing 2 --timeout 3 __udp4_lib_rcv -- udp dst port 7001 or udp dst port 7002
	net 'udp("q1", "10.77.0.2", 7001, count=5)'
	net 'udp("q1", "10.77.0.2", 7002)'
	ended passing 0
	rules passing <<-'RULES'
		two that passed, and the one dropped	sorted((p["packet"]["dport"], p["dropped"]) for p in paths) == [(7001, False), (7001, False), (7002, True)]
		different ways	len({tuple(l["line"] for l in p["frames"][0]["lines"]) for p in paths}) == 2
	RULES
	trace every --every --count 4 ip_rcv_core -- udp dst port 7001
	net 'udp("q1", "10.77.0.2", 7001, count=9)'
	ended every 0
	is 'every: as many as asked for' "$(grep -c '"type":"path"' "$work/every.json")" 4
	trace silent --timeout 0.3 ip_rcv_core -- udp dst port 7001
	net 'udp("q1", "10.77.0.2", 7001)'
	ended silent 3
	is 'silent: none that was not dropped' "$(grep -c '"type":"path"' "$work/silent.json")" 0
	trace diff --text --diff --timeout 3 __udp4_lib_rcv -- udp dst port 7001 or udp dst port 7002
	net 'udp("q1", "10.77.0.2", 7001)'
	net 'udp("q1", "10.77.0.2", 7002)'
	ended diff 0
	like 'diff: both values of the call that decided' "$(< "$work/diff.txt")" \
		'__udp4_lib_lookup = NULL +\(passed: +__udp4_lib_lookup = 0x'
	like 'diff: where they part is marked' "$(< "$work/diff.txt")" 'part'
}

# --- what is shown: --lines, --path-size ---

lines() {
	trace whole --count 1 __udp4_lib_rcv -- udp dst port 7002
	net 'udp("q1", "10.77.0.2", 7002)'
	ended whole 0
	local some
	some=$(/usr/bin/python3 -c '
import json, sys
for line in open(sys.argv[1]):
    path = json.loads(line)
    if path["type"] == "path":
        numbers = [l["line"] for l in path["frames"][0]["lines"] if l["file"] == "net/ipv4/udp.c"]
        print(*numbers[-6:-3])
' "$work/whole.json")
	# shellcheck disable=SC2086 # three words
	set -- $some
	is 'lines: there are some to choose from' "$#" 3
	trace lines --count 1 --lines ":$1,$3" __udp4_lib_rcv -- udp dst port 7002
	net 'udp("q1", "10.77.0.2", 7002)'
	ended lines 0
	rules lines <<-RULES
		these, and where it was dropped	{l["line"] for f in path["frames"] for l in f["lines"] if not l.get("dropped")} == {$1, $3}
		no calls elsewhere	{c["line"] for f in path["frames"] for c in f["calls"]} <= {$1, $3}
	RULES
	trace range --count 1 --lines "$1-$(($1 + 1))" __udp4_lib_rcv -- udp dst port 7002
	net 'udp("q1", "10.77.0.2", 7002)'
	ended range 0
	rules range <<-RULES
		those	$1 in {l["line"] for f in path["frames"] for l in f["lines"] if not l.get("dropped")} <= {$1, $(($1 + 1))}
	RULES
	trace short --count 1 --path-size 4096 --values '@auto @ every' __udp4_lib_rcv -- udp dst port 7002
	net 'udp("q1", "10.77.0.2", 7002)'
	ended short 0
	rules short <<-'RULES'
		is marked as cut	path["truncated"] and path["dropped"]
		and shows what there was room for	len(path["frames"][0]["lines"]) > 0
	RULES
}

# --- values ---

# shellcheck disable=SC2016 # $retval is dropctl's
values() {
	net 'join("q2", [(f"239.1.1.{i}", "10.77.0.2") for i in range(1, 75)])'
	trace values --count 1 ip_rcv_finish_core ip_check_mc_rcu \
		--values 'skb->len @ entry' --values 'skb->pkt_type' --values '$retval' \
		--values 'list(in_dev->mc_list, next_rcu, multiaddr)' --values 'in_dev->mc_count' \
		--values 'this_cpu(softnet_data).processed >= 0' --values '((struct iphdr *)0)->saddr @ entry' \
		--values '@auto @ exit' -- proto ospf
	net "$hello"
	ended values 0
	rules values <<-'RULES'
		at the entry	values("ip_rcv_finish_core", "skb->len")[0] == 64
		a bit-field, by its name or number	values("ip_rcv_finish_core", "skb->pkt_type")[0] in (2, "PACKET_MULTICAST")
		what was returned	values("ip_check_mc_rcu", "$retval")[0] == frame("ip_check_mc_rcu")["retval"] == 0
		of this CPU	values("ip_rcv_finish_core", "this_cpu(softnet_data).processed >= 0")[0] in (1, True)
		how many groups	values("ip_check_mc_rcu", "in_dev->mc_count")[0] >= 75
		the walk ends at 64, and says so	len(values("ip_check_mc_rcu", "list(in_dev->mc_list, next_rcu, multiaddr)")[0]) == 64 and "longer" in notes("ip_check_mc_rcu", "list(in_dev->mc_list, next_rcu, multiaddr)")[0]
		memory that cannot be read	values("ip_rcv_finish_core", "((struct iphdr *)0)->saddr") == [None] and notes("ip_rcv_finish_core", "((struct iphdr *)0)->saddr") == ["unreadable"]
	nothing wrong with the others	not notes("ip_rcv_finish_core", "skb->len") + notes("ip_check_mc_rcu", "in_dev->mc_count")
		variables by themselves	any(len(f["values"]) + sum(len(l["values"]) for l in f["lines"]) > 6 for f in path["frames"])
	RULES
}

# --- lists of packets ---

lists() {
	if [[ $(uname -r) =~ ^5\.(4|10)\. ]]; then
		skip 'list' 'veth delivers no lists yet'
		return
	fi
	net 'offload("q1", "a0", "tso", 0)'
	net 'offload("q2", "b0", "gro", 1)'
	trace list --count 4 --timeout 5 __netif_receive_skb_list_core ip_list_rcv ip_rcv_core -- udp dst port 7000
	net "frame('q1', 'a0', $packet, bad=1)), count=16)"
	monitor_end list ''
	rules list <<-'RULES'
		each packet has a path	len(paths) == 4 and all(p["dropped"] for p in paths)
		it came in a list	all([f["function"] for f in p["frames"]][:2] == ["__netif_receive_skb_list_core", "ip_list_rcv"] for p in paths)
		its own call is shown, no other packet's	all([f["function"] for f in p["frames"]].count("ip_rcv_core") == 1 for p in paths)
	RULES
}

# --- without debug information ---

without_lines() {
	must mount -t tmpfs none /usr/lib/debug
	DEBUGINFOD_URLS='' trace bare --count 1 ip_route_input_noref ip_check_mc_rcu -- proto ospf
	net "$hello"
	ended bare 0
	must umount /usr/lib/debug
	like 'bare: what is missing, and what to install' "$(< "$work/bare.err")" 'no debug information.*install'
	rules bare <<-'RULES'
		functions, and what they returned	(frame("ip_route_input_noref")["retval_text"], frame("ip_check_mc_rcu")["retval"]) == ("-EINVAL", 0)
		arguments and packet as ever	path["packet"]["dst"] == "224.0.0.5" and path["dropped"]
		places by offset	all(l["line"] is None and l["file"] is None for f in path["frames"] for l in f["lines"]) and [l["offset"] for l in path["frames"][0]["lines"]][0] == 0 < path["frames"][0]["lines"][1]["offset"] < 4096
	RULES
}

callees
within
packet_arg
passing
lines
values
without_lines
lists
check 'nothing is left behind' await idle
finish
