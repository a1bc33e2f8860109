#!/bin/bash
# What `dropctl diagnose` says of drops whose cause is known from the source: the
# chain, and what was returned on the way.
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"

netns_add d1 d2
link_add d1 a0 02:00:00:00:00:01 10.77.0.1/24 d2 b0 02:00:00:00:00:02 10.77.0.2/24
set_in d2 net.ipv4.conf.{all,b0}.rp_filter=0

# diagnosed NAME STATEMENT EXPR… - sends the packet again and again until the diagnosis of
# the expression is there, and judges it by the rules on stdin
diagnosed() {
	local name=$1 statement=$2 end=$((SECONDS + PATIENCE))
	stream_verb=diagnose monitor "$name" --timeout "$PATIENCE" "${@:3}"
	while ! gone "${monitor_pid[$name]}" 2> /dev/null && ((SECONDS < end)); do
		net "$statement"
		sleep 0.2
	done
	monitor_end "$name" ''
	is "$name: there is a diagnosis" "$status" 0
	cat > "$work/rules"
	judge_with paths.py "$work/$name.json" "$work/rules"
}

into() { # a frame into d2, as a statement
	echo "frame('d1', 'a0', eth('02:00:00:00:00:02', ETH_IP, $1))"
}

diagnosed ospf 'raw("d1", "224.0.0.5", 89, ospf_hello(), "a0")' proto ospf <<-'RULES'
	ospf: begins with the function that freed	answer["chain"][0]["function"] in ("ip_rcv_finish_core", "ip_route_input_noref")
	ospf: the error that the route lookup returned	("ip_route_input_noref", 2 if by_reason else -22) in returned
	ospf: the group that was not joined	("ip_check_mc_rcu", 0) in returned or any(link["function"] == "ip_check_mc_rcu" for link in links)
	ospf: every link has a line	all(link["file"] and link["line"] for link in links)
	ospf: the cause is the last link	answer["cause"] == answer["chain"][-1]
	ospf: at most four others	len(answer["also"]) <= 4
RULES
must modprobe gre
diagnosed gre "$(into 'ip4("10.77.0.1", "10.77.0.2", 47, bytes([0, 3]) + bytes(18))')" proto gre <<-'RULES'
	gre: the version, in the right module	answer["cause"]["function"] == "gre_rcv" and answer["cause"]["module"] == "gre"
	gre: certain	answer["complete"]
RULES
must ip -n d2 route add default dev lo
set_in d2 net.ipv4.conf.b0.rp_filter=1
diagnosed rp_filter "$(into 'udp4("10.99.0.9", "10.77.0.2", 3000, 7001)')" src host 10.99.0.9 <<-'RULES'
	rp_filter: the validation of the source returned -EXDEV	any(retval is not None and (retval < 0 if by_reason else retval == -18) and "validate_source" in (callee or "") for callee, retval in returned) or "validate_source" in answer["cause"]["function"]
RULES
run dropctl diagnose --timeout 1 src host 192.0.2.77
is 'a flow without drops: nothing seen' "$status" 3
finish
