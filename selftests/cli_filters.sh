#!/bin/bash
# Every condition that add-filter knows, against drops that meet it and drops that
# do not: all filters are in force at once, one of them without any condition, so
# that each drop tells exactly which ones it matched. Then the limits (snaplen, rate,
# count), exclusion, the choice of filters by a monitor, and what list-filters and
# del-filter make of them.
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"

declare -A added

# add NAME ARG… - a filter, which must be taken
add() {
	local name=$1
	shift
	must dropctl add-filter --name "$name" "$@"
	added[$name]=1
}

# matches SPORT NAME… - the drop of the packet with that source port, or whose inner
# packet has it, matched these filters (of those that there are) and no other
matches() {
	local port=$1 name set=''
	shift
	for name in all "$@"; do
		[[ -n ${added[$name]:-} ]] && set+="'$name',"
	done
	drops "packet $port matches: ${*:-none}" 1 "$port in (sport, inner.sport)" "sorted(filter) == sorted([$set])"
}

# packet ARG… - a frame from f1 into b0 of f2
packet() {
	net "frame('f1', 'a0', eth('02:00:00:00:00:02', ETH_IP, $1))"
}

add_all() {
	add all
	add expr 'udp dst port 7301'
	add words udp dst port 7301
	add dev --dev b1
	add dev-netns --dev b0 --netns f2 udp dst port 7301
	add dev-other --dev lo --netns f1
	add netns-name --netns f1
	add netns-path --netns /run/netns/f1 udp
	add netns-inode --netns "inode:$(inode f1)"
	add mark --mark 0x12
	add mark-mask --mark 0x10/0xf0
	add function --function tcp_v4_rcv
	add function-inlined --function __udp_queue_rcv_skb
	add function-module --function gre_rcv@gre
	add function-modules --function gre_rcv
	add inner --inner 'udp dst port 7303'
	add inner-outer --inner 'src host 10.80.0.1' dst host 10.77.0.2 and not udp
	add both --netns f2 --function tcp_v4_rcv tcp dst port 7301
	add count --count 2 udp dst port 7304
	add rate --rate 3 udp dst port 7305
	add excluded --exclude src port 3300
	if ((has_reason)); then
		add reason --reason TCP_CSUM
		add reasons --reason UDP_CSUM,NO_SOCKET
		add reason-number --reason "$(dropctl reasons TCP_CSUM | awk '{ print $1 }')"
	fi
}

send_all() {
	# to a closed port, by different ways
	net 'udp("f1", "10.77.0.2", 7301, sport=3301)'
	matches 3301 expr words dev-netns reasons
	net 'udp("f1", "10.77.0.2", 7399, sport=3302)'
	matches 3302 reasons
	net 'udp("f1", "10.78.0.2", 7301, sport=3303)'
	matches 3303 expr words dev reasons
	net 'udp("f2", "10.77.0.1", 7399, sport=3304)'
	matches 3304 netns-name netns-path netns-inode reasons
	net 'udp("f2", "127.0.0.1", 7399, sport=3305, mark=0x12)'
	matches 3305 mark mark-mask reasons
	net 'udp("f2", "127.0.0.1", 7399, sport=3306, mark=0x15)'
	matches 3306 mark-mask reasons
	net 'udp("f2", "127.0.0.1", 7399, sport=3307, mark=0x22)'
	matches 3307 reasons
	net 'udp("f1", "127.0.0.1", 7399, sport=3308)'
	matches 3308 netns-name netns-path netns-inode dev-other reasons
	# for other reasons, in other functions
	packet 'udp4("10.77.0.1", "10.77.0.2", 3309, 7301, bad=1)'
	matches 3309 expr words dev-netns reasons
	packet 'tcp4("10.77.0.1", "10.77.0.2", 3310, 7301)'
	matches 3310 function both reasons
	packet 'tcp4("10.77.0.1", "10.77.0.2", 3311, 7301, bad=1)'
	matches 3311 function both reason reason-number
	packet 'tcp4("10.77.0.1", "10.77.0.2", 3312, 7399, bad=1)'
	matches 3312 function reason reason-number
	net 'listen("f2", "udp", 7306, rcvbuf=1)'
	net 'udp("f1", "10.77.0.2", 7306, sport=3313, size=400, count=30)'
	drops 'a function that is inlined' 1+ 'sport == 3313' 'sorted(filter) == ["all", "function-inlined"]'
	# in tunnels
	local inner='bytes([0, VER, 8, 0]) + bytes(PAD) + udp4("10.80.0.SRC", "10.80.0.2", SPORT, DPORT)'
	tunnel 0 0 1 3314 7303
	matches 3314 inner inner-outer function-modules
	tunnel 0 0 1 3315 7301
	matches 3315 inner-outer function-modules
	tunnel 0 0 9 3316 7303
	matches 3316 inner function-modules
	packet 'ip4("10.77.0.1", "10.77.0.2", 47, bytes([0, 3]) + bytes(28))'
	drops 'GRE of an unknown version matches: function-module, function-modules' 1 'l4 == "gre" and len == 50' \
		'sorted(filter) == ["all", "function-module", "function-modules"]'
	# limits
	net 'udp("f1", "10.77.0.2", 7304, sport=3317, count=5)'
	drops 'a count: that many, then no more' 2 '"count" in filter' 'sport == 3317'
	drops 'of all that there are' 5 'sport == 3317' '"all" in filter'
	net 'udp("f1", "10.77.0.2", 7305, sport=3318, count=200)'
	drops 'a rate: that many at the least' 3+ '"rate" in filter' 'sport == 3318'
	drops 'of all that there are' 200 'sport == 3318' '"all" in filter'
	net 'udp("f2", "127.0.0.1", 7399, sport=3300)'
	none 'nothing of what is excluded' 'sport == 3300'
}

# tunnel VERSION PADDING SRC SPORT DPORT - GRE from f1 to f2, with a datagram in it
tunnel() {
	local text=${inner/VER/$1}
	text=${text/PAD/$2}
	text=${text/SRC/$3}
	text=${text/SPORT/$4}
	packet "ip4('10.77.0.1', '10.77.0.2', 47, ${text/DPORT/$5})"
}

listings() {
	local json text
	dropctl list-filters --json > "$work/filters.json"
	judge hits "$work/all.json" "$work/filters.json" all ${added[reasons]:+reasons}
	judge contract "$work/filters.json"
	json=$(< "$work/filters.json")
	like 'list-filters --json has the expression' "$json" '"name":"words","expr":"udp dst port 7301"'
	like 'and the mark with its mask' "$json" '"name":"mark-mask",[^}]*"mark":16,"mark_mask":240'
	like 'and the namespace' "$json" "\"name\":\"netns-name\",[^}]*\"netns\":$(inode f1)"
	like 'and function and limits' "$json" '"name":"both",[^}]*"function":"tcp_v4_rcv"'
	text=$(dropctl list-filters)
	like 'list-filters is a table' "$text" '^ *ID +NAME +HITS +MATCHES'
	like 'with conditions in words' "$text" 'mark-mask +2 +mark 0x10/0xf0'
	like 'of several kinds' "$text" 'both +2 [^'$'\n'']*netns f2[^'$'\n'']*tcp_v4_rcv'
	like 'and limits' "$text" 'count +2 +udp dst port 7304 +the first 2'
	like 'and exclusion' "$text" 'excluded +1 +src port 3300 +[^'$'\n'']*exclude'
	like 'a rate counts what it held back' "$json" '"name":"rate",[^}]*"rate":3,[^}]*"hits":200,"rate_limited":1[5-9][0-9]'
}

# Filters that a monitor is told; its own expression; snaplen.
chosen() {
	add short --snaplen 42 udp dst port 7307
	add long --snaplen 60 udp dst port 7308
	monitor few --verbose netns-name mark short long
	monitor own --snaplen 50 --verbose udp dst port 7309
	net 'udp("f1", "10.77.0.2", 7301, sport=3320)'
	net 'udp("f2", "127.0.0.1", 7399, sport=3321, mark=0x12)'
	net 'udp("f1", "10.77.0.2", 7307, sport=3322, size=200)'
	net 'udp("f1", "10.77.0.2", 7308, sport=3323, size=200)'
	net 'udp("f1", "10.77.0.2", 7309, sport=3324, size=200)'
	net 'udp("f2", "10.77.0.1", 7399, sport=3325)'
	must_await 'the last packet' seen few '"sport":3325'
	must_await 'the last packet' seen own '"sport":3324'
	is 'an expression is a filter for as long as the monitor runs' \
		"$(dropctl list-filters | grep -c 'dst port 7309')" 1
	monitor_end few
	monitor_end own
	is 'and no longer' "$(dropctl list-filters | grep -c 'dst port 7309')" 0
	rm "$work/expected"
	none 'a monitor of four filters does not show what others match' 'sport in (3320, 3324)'
	drops 'it shows what these match' 4 'True' 'sport in (3321, 3322, 3323, 3325)'
	drops 'and names them alone' 1 'sport == 3321' 'filter == ["mark"]'
	drops 'with as many bytes as the filter says' 1 'filter == ["short"]' 'bytes.__len__() == 84'
	drops 'or another one says' 1 'filter == ["long"]' 'bytes.__len__() == 120'
	judge_drops "$work/few.json"
	rm "$work/expected"
	drops 'a monitor of an expression shows what it matches' 1 'True' \
		'sport == 3324 and bytes.__len__() == 100'
	judge_drops "$work/own.json"
}

deletion() {
	local id
	run dropctl del-filter mark
	like 'del-filter by name' "$status $out" '^0 filter [0-9]+ "mark" deleted'
	id=$(dropctl list-filters --json | sed -n 's/.*"id":\([0-9]*\),"name":"short".*/\1/p')
	run dropctl del-filter "$id" long nosuch dev
	is 'of several, with one that is not there' "$status" 1
	is 'only the others go, by id or name' \
		"$(dropctl list-filters --json | grep -cE '"name":"(mark|short|long|dev)"')" 0
	run dropctl -j del-filter both
	like 'in JSON' "$out" '^\{"schema":1,"type":"[a-z-]*","id":[0-9]+,"name":"both"\}$'
	run dropctl del-filter --all
	is 'del-filter --all' "$status $(dropctl list-filters --json)" '0 '
	check 'and nothing is left' idle
	run dropctl add-filter udp
	id=$(dropctl list-filters --json)
	id=${id#*\"id\":} id=${id%%,*}
	check 'ids are not used again' test "$id" -gt 20
	run dropctl --json add-filter --name j --mark 1 --count 7 --rate 9 --snaplen 0 tcp
	like 'add-filter --json tells what was added' "$out" \
		'"type":"filter","id":[0-9]+,"name":"j","expr":"tcp",.*"mark":1,.*"snaplen":0,"rate":9,"count":7'
}

has_reason=0
kernel_has_reasons && has_reason=1
must dropctl del-filter --all
netns_add f1 f2
link_add f1 a0 02:00:00:00:00:01 10.77.0.1/24 f2 b0 02:00:00:00:00:02 10.77.0.2/24
link_add f1 a1 02:00:00:00:00:03 10.78.0.1/24 f2 b1 02:00:00:00:00:04 10.78.0.2/24
must modprobe -a gre ip_gre
add_all
monitor all
send_all
net 'udp("f1", "10.77.0.2", 7999)'
must_await 'the last drop' seen all '"dport":7999'
monitor_end all
is 'the monitor ends as done, nothing lost' "$status" 0
judge_drops "$work/all.json"
judge contract "$work/all.json"
listings
chosen
deletion
finish
