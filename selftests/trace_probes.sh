#!/bin/bash
# Probes: points that outlive the command that added them, and feed monitor.
# timeout: 600
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"

# probe NAME KEY - what list-probes says of one
probe() {
	dropctl list-probes --json | /usr/bin/python3 -c '
import json, sys
for line in sys.stdin:
    probe = json.loads(line)
    if probe["name"] == sys.argv[1]:
        print(probe[sys.argv[2]])
' "$1" "$2"
}

send() { # PORT
	net "udp('p1', '10.77.0.2', $1)"
}

rules() { # NAME: rules on stdin, for what a monitor wrote
	cat > "$work/rules"
	judge_with paths.py "$work/$1.json" "$work/rules"
}

netns_add p1 p2
link_add p1 a0 02:00:00:00:00:01 10.77.0.1/24 p2 b0 02:00:00:00:00:02 10.77.0.2/24

# --- added, listed ---

run dropctl list-probes
is 'there are none at first' "$status $out" '0 no probes'
run dropctl add-probe --name udp __udp4_lib_rcv --values 'skb->len' -- udp dst port 7001
like 'one is added' "$status $out" '^0 probe [0-9]+ "udp" added: __udp4_lib_rcv, [0-9]+ points, for 1h'
run dropctl add-probe --name all --every --expire 0 ip_rcv_core -- udp dst port 7002
is 'another one' "$status" 0
run dropctl add-probe --name udp __udp4_lib_rcv
like 'one of the same name is refused' "$status $err" "^1 .*'udp' already.*hint: dropctl del-probe udp"
run dropctl add-probe --name no __udp4_lib_rc
like 'of a function that does not exist' "$status $err" '^2 .*__udp4_lib_rcv'
run dropctl add-probe --expire 2h30 ip_rcv
like 'a time that is none' "$status $err" '^2 .*2h30'
check 'what was refused left nothing' test "$(dropctl list-probes --json | wc -l)" = 2
is 'functions are listed' "$(probe udp functions)" "['__udp4_lib_rcv']"
is 'and the packets' "$(probe udp packets)" 'udp dst port 7001'
check 'the points are armed' test "$(probe udp armed)" -gt 10
check 'it ends within the hour' test "$(probe udp ends_in_s)" -gt 3500
is 'the other one never' "$(probe all ends_in_s)" None
is 'their filters are no filters of monitor' "$(dropctl list-filters --json | wc -l)" 2
run dropctl list-filters
like 'and say whose they are' "$out" 'udp dst port 7001 +of probe [0-9]+'

# --- shown ---

monitor both
send 7001
send 7002
await seen both '"type":"path"' 2
monitor_end both
is 'the monitor ends as done' "$status" 0
rules both <<-'RULES'
	the path of what was dropped	[p["dropped"] for p in paths if p["probe"] == "udp"] == [True]
	its lines, with files	len([l for l in path["frames"][0]["lines"] if l["file"] == "net/ipv4/udp.c"]) > 5
	its values	values("__udp4_lib_rcv", "skb->len") == [17]
	its drop beside it	[p["drop"]["location"]["function"] for p in paths if p["probe"] == "udp"] == ["__udp4_lib_rcv"]
	the way of the other one up to there	[p["frames"][0]["function"] for p in paths if p["probe"] == "all"] == ["ip_rcv_core"]
	drops as ever	{d["packet"]["dport"] for d in everything if d["type"] == "drop" and d["packet"]["l4"] == "udp"} >= {7001, 7002}
RULES
check 'hits are counted' test "$(probe udp hits)" -gt 3
is 'and paths' "$(probe udp paths)" 1
monitor text --text --count 2
send 7001
monitor_end text ''
like 'for people, a tree' "$(< "$work/text.txt")" 'probe udp  10\.77\.0\.1.*dropped.*__udp4_lib_rcv\(.*skb->len = .*← dropped here'
like 'and a summary' "$(< "$work/text.err")" '1 drop in .*, 1 path'

# --- of other versions ---

must /usr/bin/python3 -B "$tools/foreign_probe.py" strange 'words of another version'
must /usr/bin/python3 -B "$tools/foreign_probe.py" moved 'add-probe\n__udp4_lib_rcv\n--'
run dropctl list-probes
like 'one that is not understood is listed as such' "$out" 'strange .*not of this dropctl'
monitor foreign
send 7003
await seen foreign '"type":"path"' 2
monitor_end foreign
like 'points elsewhere are told' "$(< "$work/foreign.err")" 'probe moved: its points are not where they would be put now'
rules foreign <<-'RULES'
	functions are shown	[f["function"] for p in paths for f in p["frames"]] == ["__udp4_lib_rcv"] * 2
	and never a line	[(l["line"], l["offset"]) for p in paths for f in p["frames"] for l in f["lines"]] == [(None, 0)] * 2
RULES

# --- modules ---

must modprobe dummy numdummies=0
run dropctl add-probe --name dummy dummy_xmit@dummy
is 'a module is probed' "$status" 0
monitor module
must modprobe -r dummy
await test -s "$work/module.err"
monitor_end module
like 'that it went away is told' "$(< "$work/module.err")" 'module dummy was unloaded, and [0-9]+ points of probe dummy with it'
run dropctl list-probes
like 'and listed' "$out" 'dummy +0 .*[0-9]+ points gone with their module'

# --- ended ---

before=$(dropctl list-probes --json | wc -l)
for after in 0.1 0.5 1.5; do
	dropctl add-probe --name killed --callees 2 ip_rcv ip_forward > /dev/null 2>&1 &
	sleep "$after"
	kill -KILL $!
	wait $! 2> /dev/null
done 2> /dev/null
await test "$(dropctl list-probes --json | grep -vc '"name":"killed"')" = "$before"
is 'one that was killed on the way leaves nothing, or all' \
	"$(dropctl list-probes --json | grep '"name":"killed"' | grep -vc '"armed":[1-9]')" 0
run dropctl add-probe --name short --expire 0.5 ip_rcv
check 'one that expires is gone by itself' await test -z "$(sleep 2; probe short id)"
run dropctl del-probe udpp
like 'a name that is none' "$status $err" "^1 .*'udpp'.*did you mean udp"
run dropctl del-probe udp 9999
like 'one that does not exist keeps no other' "$status $out $err" '^1 probe [0-9]+ "udp" deleted.*9999'
run dropctl del-probe
like 'of none' "$status $err" '^2 .*which probe'
run dropctl del-probe --all
is 'all are deleted' "$status $(dropctl list-probes)" '0 no probes'
check 'nothing is left behind' await idle
finish
