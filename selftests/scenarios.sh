#!/bin/bash
# Drops whose cause is known, each made for real and diagnosed: files in scenarios/, one
# for each cause. Named on the command line, only those (patterns).
#
#     scenarios.sh --table KERNEL=OUTPUT… > docs/scenarios.md     from what runs have printed
#
# A scenario sets what it needs of
#
#     truth      the condition that decides, and how that is known
#     send       the packet, as a statement of net.py; it is sent until there is a diagnosis
#     filter     the flow
#     drop       the function that frees (by the first LOCATION of the drop); may be "a|b"
#     cause      FUNCTION /REGEX/: the line of that function whose source fits; more
#                alternatives on further lines, where the source has several right ones
#     reason     of the drop; where kernels differ: "A|B"
#     incomplete why it cannot be known for sure (then complete may be false)
#
# and functions: setup, and remedy, which makes the packet pass; or "send_well", the
# packet as it should have been. d1 (a0, 10.77.0.1) and d2 (b0, 10.77.0.2) are there.
# timeout: 2400
# shellcheck disable=SC2317,SC2154 # scenarios call what is here, and set what is used
if [[ ${1:-} == --table ]]; then
	exec /usr/bin/python3 -B "${BASH_SOURCE[0]%/*}/tools/scenario_table.py" "${BASH_SOURCE[0]%/*}/scenarios" "${@:2}"
fi
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"
here=${BASH_SOURCE[0]%/*}
patience=${SCENARIO_PATIENCE:-60}
# Not named, and SCENARIOS not set: one of each kind. "make check-scenarios" runs them all.
few=(ospf_not_joined gre_version vxlan_no_route rp_filter accept_local udp_no_socket ttl_expired)

# two_hosts - d1 and d2 anew
two_hosts() {
	local each
	for each in d1 d2 d3; do ip netns del $each 2> /dev/null; done
	must ip -batch - <<-END
		netns add d1
		netns add d2
		link add a0 netns d1 address 02:00:00:00:00:01 type veth peer name b0 netns d2 address 02:00:00:00:00:02
	END
	must ip -n d1 -batch - <<-END
		link set lo up
		addr add 10.77.0.1/24 dev a0
		link set a0 up
	END
	must ip -n d2 -batch - <<-END
		link set lo up
		addr add 10.77.0.2/24 dev b0
		link set b0 up
	END
	set_in d2 net.ipv4.conf.{all,b0}.rp_filter=0
}

# in_d2 LINE… - `ip` there, a line for each command
in_d2() { printf '%s\n' "$@" > "$work/batch"; must ip -n d2 -batch "$work/batch"; }
in_d1() { printf '%s\n' "$@" > "$work/batch"; must ip -n d1 -batch "$work/batch"; }

# third - d3 (d0, 10.88.0.2) behind d2 (c0, 10.88.0.1), which forwards
third() {
	must ip netns add d3
	in_d2 'link add c0 address 02:00:00:00:00:03 type veth peer name d0 netns d3 address 02:00:00:00:00:04' \
		'addr add 10.88.0.1/24 dev c0' 'link set c0 up'
	must ip -n d3 link set d0 up
	must ip -n d3 addr add 10.88.0.2/24 dev d0
	must ip -n d3 route add default via 10.88.0.1
	must ip -n d3 addr add 203.0.113.9/32 dev lo
	must ip -n d1 route add 10.88.0.0/24 via 10.77.0.2
	set_in d2 net.ipv4.ip_forward=1 net.ipv4.conf.c0.rp_filter=0
}

# ipv6_on - IPv6 on the link: d1 2001:db8::1, d2 2001:db8::2
ipv6_on() {
	must ip -n d1 addr add 2001:db8::1/64 dev a0 nodad
	must ip -n d2 addr add 2001:db8::2/64 dev b0 nodad
}

# fence - everything dropped so far is in the monitor's output once this one is
fences=0
fence() {
	fences=$((fences + 1))
	net "udp('fence', '127.0.0.1', 7999, sport=$((20000 + fences)))"
	must_await 'the drop behind the others' seen all "\"sport\":$((20000 + fences)),"
}

# diagnose_it - sends until there is a diagnosis
diagnose_it() {
	stream_verb=diagnose monitor answer --verbose --timeout "$patience" -- "$filter"
	local end=$((SECONDS + patience + 5))
	while ! gone "${monitor_pid[answer]}" 2> /dev/null && ((SECONDS < end)); do
		net "$send"
		sleep "${every:-0.1}"
	done
	monitor_end answer ''
}

# remedied - the packet passes now: no drop of its kind where it was dropped
remedied() {
	fence
	local before
	before=$(wc -l < "$work/all.json")
	net "$send_well"
	[[ -n ${settle:-} ]] && sleep "$settle"
	fence
	tail -n +$((before + 1)) "$work/all.json" > "$work/after.json"
	local netns
	netns=$(grep -oE '"netns":[0-9]+' "$work/answer.json" | head -n 1)
	! grep "$netns" "$work/after.json" | grep -qE "\"location\":\{\"symbol\":\"[^\"]*\",\"offset\":[0-9]+,\"module\":[^,]*,\"function\":\"($drop)\""
}

scenario() { # FILE
	local name=${1##*/} began=$EPOCHREALTIME
	name=${name%.sh}
	unset truth send send_well filter drop cause reason incomplete every settle
	unset -f setup remedy
	two_hosts
	# shellcheck disable=SC1090
	. "$1"
	send_well=${send_well:-$send}
	! declare -F setup > /dev/null || setup
	diagnose_it
	printf '%s\n' "name=$name" "drop=$drop" "reason=${reason:-}" "incomplete=${incomplete:-}" \
		"status=$status" > "$work/expect"
	printf 'cause=%s\n' "${cause//$'\n'/$'\n'cause=}" >> "$work/expect"
	judge_with scenario.py "$work/answer.json" "$work/expect"
	[[ -s $work/answer.err ]] && diag "$(head -n 5 "$work/answer.err")"
	if declare -F remedy > /dev/null || [[ $send_well != "$send" ]]; then
		! declare -F remedy > /dev/null || remedy
		check "$name: what helps makes it pass" remedied
	fi
	[[ -n ${KEEP:-} ]] && cp "$work/answer.json" "$KEEP/$name.json" && cp "$work/answer.err" "$KEEP/$name.err"
	local now=$EPOCHREALTIME
	diag "$name took $(((${now/./} - ${began/./}) / 1000)) ms"
}

netns_add fence
net 1
monitor all
trap 'for each in d1 d2 d3; do ip netns del $each 2> /dev/null; done; clean_up' EXIT
if (($# == 0)); then
	set -f
	# shellcheck disable=SC2086 # patterns, apart
	set -- ${SCENARIOS-${few[*]}}
	set +f
fi
for pattern in "$@"; do
	for file in "$here"/scenarios/$pattern.sh; do
		scenario "$file"
	done
done
finish
