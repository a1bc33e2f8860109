#!/bin/bash
# A monitor's life: how it begins and ends, alone and with others, in a storm that it
# cannot follow, when it is stopped, killed, or its module is taken away. In every
# case what it says of itself (its lines, its summary, its exit status, the module's
# status) has to add up to the number of packets that were dropped.
# timeout: 900
# shellcheck disable=SC2317 # conditions are called by their names
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"

# lines NAME TYPE - how many objects of that type a monitor has written
lines() {
	grep -c "\"type\":\"$2\"" "$work/$1.json"
}

# of_summary NAME KEY - a number of its summary
of_summary() {
	sed -nE "/\"type\":\"summary\"/s/.*\"$2\":([0-9.]+).*/\1/p" "$work/$1.json"
}

# adds_up NAME DROPS LOST - the summary's numbers and the lines agree with these
adds_up() {
	local got
	got="lines $(lines "$1" drop) events $(of_summary "$1" events) delivered $(of_summary "$1" delivered)"
	got+=" lost $(of_summary "$1" total) produced $(of_summary "$1" produced)"
	is "$1: lines, events, delivered, lost and produced add up" "$got" \
		"lines $2 events $2 delivered $2 lost $3 produced $(($2 + $3))"
}

armed() {
	dropctl status --json | grep -q '"armed":true'
}

# dropped COUNT [PORT] - datagrams to a closed port
dropped() {
	net "udp('m1', '10.77.0.2', ${2:-7401}, count=$1)"
}

endings() {
	local signal
	monitor count --count 3 udp dst port 7401
	check 'a ready file means that it is armed' armed
	dropped 1
	check 'a drop is written at once, whether others follow or not' await seen count '"dport":7401'
	dropped 1 7402
	dropped 5
	monitor_end count ''
	is '--count ends it as done' "$status" 0
	is 'after so many' "$(lines count drop) $(of_summary count events)" '3 3'

	SECONDS=0
	monitor nothing --timeout 2 udp dst port 7403
	monitor_end nothing ''
	is '--timeout with nothing seen' "$status $(lines nothing drop) $(lines nothing summary)" '3 0 1'
	check 'not before its time' test "$SECONDS" -ge 2
	monitor something --timeout 2s udp dst port 7401
	dropped 2
	monitor_end something ''
	is '--timeout with something seen' "$status" 0
	adds_up something 2 0
	run dropctl monitor --timeout 500ms udp dst port 7403
	like 'in text the summary is not among the drops' "$status $out | $err" '^3 TIME[^|]* \| 0 drops in ([1-9][0-9]*\.[0-9]|0\.[5-9]) s, 0 lost$'

	for signal in INT TERM HUP; do
		monitor $signal udp dst port 7401
		dropped 4
		must_await 'four drops' seen $signal '"dport":7401' 4
		monitor_end $signal $signal
		is "SIG$signal ends it as done" "$status" 0
		adds_up $signal 4 0
	done
	monitor killed --ring-size 1M udp dst port 7401
	dropped 4
	must_await 'four drops' seen killed '"dport":7401' 4
	monitor_end killed KILL
	is 'SIGKILL' "$status" 137
	check 'leaves nothing behind' await idle
	check 'not even a probe' test "$(dropctl status --json | grep -c '"armed":false')" = 1
	check 'what it had written are whole lines' /usr/bin/python3 -m json.tool --json-lines \
		"$work/killed.json" "$work/pretty"
}

# In a terminal of 80 columns, ended with its key.
terminal() {
	run /usr/bin/python3 -B -c '
import fcntl, os, pty, re, struct, sys, termios, time
pid, master = pty.fork()
if not pid:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp("dropctl", ["dropctl", "monitor", "--color", "never", "udp", "dst", "port", "7404"])
text = b""
open(sys.argv[1], "w").write("started")
while True:
    try:
        data = os.read(master, 4096)
    except OSError:
        break
    if not data:
        break
    text += data
    if text.count(b"7404") == 2 and b"\x03" not in text:
        text += b"\x03"
        os.write(master, b"\x03")
    elif b"DROPPED" in text or b"TIME" in text:
        open(sys.argv[2], "w").close()
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
lines = text.replace(b"\x03", b"").decode().replace("\r", "").splitlines()
print(status, max(len(re.sub("\x1b[^m]*m", "", line)) for line in lines))
print("\n".join(lines))
' "$work/started" "$work/header" &
	local shell=$!
	must_await 'the header' test -e "$work/header"
	net 'udp("m1", "10.77.0.2", 7404, sport=3401)'
	net 'udp("m1", "10.77.0.2", 7404, sport=3402)'
	wait $shell
	out=$(< "$work/out")
	like 'in a terminal Ctrl-C ends it as done' "$out" '^0 '
	check 'no line is wider than it' test "$(sed -n '1s/.* //p' "$work/out")" -le 80
	like 'the last line sums up' "$out" $'\n''[^'$'\n'']*2 drops in [0-9.]+ s, 0 lost$'
	like 'a line has the packet and the place' "$out" \
		' 10\.77\.0\.1\.3401 > 10\.77\.0\.2\.7404 +udp +37 +b0[^ ]*'$'\n'' +'"$udp_rcv"' +net/ipv4/udp.c:[0-9]+'
}

# storm COUNT PORT - so many packets from the kernel, as fast as it can
storm() {
	local line
	for line in "count $1" "udp_dst_min $2" "udp_dst_max $2"; do
		ip netns exec m1 bash -c "echo '$line' > /proc/net/pktgen/a0" || bail "pktgen: $line"
	done
	ip netns exec m1 bash -c 'echo start > /proc/net/pktgen/pgctrl'
	sent=$(ip netns exec m1 sed -nE 's/.*pkts-sofar: ([0-9]+).*/\1/p' /proc/net/pktgen/a0)
	[[ $sent == "$1" ]] || bail "pktgen sent $sent of $1"
}

storm_setup() {
	local line
	must modprobe pktgen
	ip netns exec m1 bash -c 'echo "add_device a0" > /proc/net/pktgen/kpktgend_0' || bail 'no pktgen'
	for line in 'clone_skb 0' 'pkt_size 120' 'delay 0' 'dst 10.77.0.2' 'src_min 10.77.0.1' \
		'src_max 10.77.0.1' 'udp_src_min 9' 'udp_src_max 9' 'dst_mac 02:00:00:00:00:42'; do
		ip netns exec m1 bash -c "echo '$line' > /proc/net/pktgen/a0" || bail "pktgen: $line"
	done
}

overrun() {
	local before lost stopped
	before=("$(field produced)" "$(field delivered)" "$(field total)")
	must dropctl add-filter --name storm udp dst port 7405
	monitor slow storm
	kill -STOP "${monitor_pid[slow]}"
	stopped=$SECONDS
	storm 60000 7405
	must_await 'ten seconds' eval "((SECONDS - $stopped >= 10))"
	storm 5000 7405
	kill -CONT "${monitor_pid[slow]}"
	must_await 'it to catch up' caught_up
	# It goes on as if nothing had been.
	net 'udp("m1", "10.77.0.2", 7405, sport=3403, count=20)'
	check 'it recovers' await seen slow '"sport":3403' 20
	monitor_end slow
	is 'it ends with 4: events were lost' "$status" 4
	lost=$(of_summary slow total)
	check 'there was more than it could hold' test "${lost:-0}" -gt 1000
	is 'every drop was seen' "$(of_summary slow produced)" 65020
	adds_up slow $((65020 - lost)) "$lost"
	check 'it said so meanwhile' test "$(lines slow loss)" -ge 1
	is 'the last word about losses is the sum' "$(sed -nE '/"type":"loss"/s/.*"total":([0-9]+).*/\1/p' "$work/slow.json" | tail -n 1)" "$lost"
	is 'the status has the same numbers' \
		"$(($(field produced) - before[0])) $(($(field delivered) - before[1])) $(($(field total) - before[2]))" \
		"65020 $((65020 - lost)) $lost"
	is 'the filter has counted them all' \
		"$(dropctl list-filters --json | sed -nE 's/.*"name":"storm".*"hits":([0-9]+).*/\1/p')" 65020
	judge contract "$work/slow.json"
	must dropctl del-filter storm

	# One that keeps up, as far as it gets, and says how far.
	monitor awake udp dst port 7406
	storm 20000 7406
	monitor_end awake
	lost=$(of_summary awake total)
	adds_up awake $((20000 - lost)) "$lost"
	is 'its status fits' "$status" $((lost ? 4 : 0))
	diag "of 20000 in a storm, $lost were lost"
	# In text, losses are told on stderr.
	monitor text --text --ring-size 16K udp dst port 7406
	kill -STOP "${monitor_pid[text]}"
	storm 20000 7406
	kill -CONT "${monitor_pid[text]}"
	monitor_end text
	is 'in text it ends with 4 too' "$status" 4
	like 'and says what was lost' "$(tail -n 1 "$work/text.err")" '^[0-9 ]+ drops in [0-9.]+ s, [0-9 ]+ lost \(ring full '
}

caught_up() {
	local told
	told=$(sed -nE '/"type":"loss"/s/.*"total":([0-9]+).*/\1/p' "$work/slow.json" | tail -n 1)
	(($(lines slow drop) + ${told:-0} == 65000))
}

several() {
	monitor one udp dst port 7401
	monitor two udp dst port 7402
	monitor all udp
	is 'three at once are three sessions' "$(dropctl status --json | grep -o '"pid":' | wc -l)" 3
	dropped 3 7401
	dropped 4 7402
	must_await 'the last drop' seen all '"dport":7402' 4
	must_await 'the last drop' seen two '"dport":7402' 4
	monitor_end two KILL
	dropped 2 7401
	dropped 2 7402
	must_await 'the last drop' seen all '"dport":7402' 6
	must_await 'the last drop' seen one '"dport":7401' 5
	monitor_end one
	monitor_end all
	adds_up one 5 0
	adds_up all 11 0
	is 'one that is killed takes nothing from the others' "$status" 0
	check 'and nothing is left' await idle
}

# rows SELECT - packets that `top` has counted in m2, of rows with that text
rows() {
	grep "\"netns\":$(inode m2)," "$work/top.json" | grep -F -- "$1" |
		sed -nE 's/.*"packets":([0-9]+),"bytes":([0-9]+).*/\1 \2/p' |
		awk '{ packets += $1; bytes += $2 } END { print packets + 0, bytes + 0 }'
}

counters() {
	rm -f "$work/ready"
	dropctl top --once --json --interval 15 --ready-file "$work/ready" > "$work/top.json" 2> "$work/top.err" &
	local top=$!
	must_await 'top' test -e "$work/ready"
	monitor same
	net 'udp("m1", "10.77.0.2", 7401, count=7, size=72)'
	net 'frame("m1", "a0", eth("02:00:00:00:00:02", ETH_IP, tcp4("10.77.0.1", "10.77.0.2", 3404, 7401)), 5)'
	net 'frame("m1", "a0", eth("02:00:00:00:00:42", ETH_IP, udp4("10.77.0.1", "10.77.0.2", 3405, 7401)), 3)'
	wait $top
	is 'top --once ends as done' "$?" 0
	monitor_end same
	is 'top counts what was dropped, and its bytes' "$(rows "$udp_rcv")" '7 700'
	is 'and elsewhere' "$(rows tcp_v4_rcv)" '5 200'
	is 'and for another reason' "$(rows '"symbol":"ip_rcv_core"')" '3 111'
	is 'as many as a monitor of everything saw' "$(rows '')" \
		"15 $(sed -nE "/\"netns\":$(inode m2),/s/.*\"len\":([0-9]+).*/\1/p" "$work/same.json" | awk '{ n += $1 } END { print n }')"
	judge contract "$work/top.json"
	like 'counting is over' "$(dropctl status --json)" '"counting":false'
	check 'and nothing is left of it' await idle

	run dropctl top --keep --once --interval 100ms
	is 'top --keep' "$status" 0
	dropped 6
	run dropctl top --once --json
	printf '%s\n' "$out" > "$work/top.json"
	is 'goes on counting' "$(rows "$udp_rcv")" '6 222'
	run dropctl top --once
	like 'in text with the place' "$out" ' 6 +[A-Z_-]+ +'"$udp_rcv"' +net/ipv4/udp.c:[0-9]+ +b0'
	run dropctl top --off
	like 'until top --off' "$status $(dropctl status --json)" '^0 .*"counting":false'
}

unload() {
	local name
	monitor first udp dst port 7401
	monitor second --text
	dropped 2
	must_await 'two drops' seen first '"dport":7401' 2
	must rmmod droptrace
	for name in first second; do
		monitor_end $name ''
		is "$name: the module goes: it ends with 1" "$status" 1
		like "$name: and says why" "$(grep ^dropctl: "$work/$name.err")" '^dropctl: monitor: .*module.*unloaded'
	done
	is 'all that was dropped before was written' "$(lines first drop) $(lines first summary)" '2 1'
	like 'and the cause' "$(tail -n 1 "$work/first.json")" '"cause":"unloaded"'
	must insmod "$DROPTRACE_KO"
	check 'the next module begins with nothing' idle
	# In the middle of a storm.
	monitor storm udp dst port 7406
	storm 30000 7406 &
	must_await 'the storm' seen storm '"dport":7406'
	must rmmod droptrace
	monitor_end storm ''
	is 'in a storm: it ends with 1' "$status" 1
	wait $!
	is 'lines, and what the summary says' "$(lines storm drop)" "$(of_summary storm delivered)"
	must insmod "$DROPTRACE_KO"
	judge contract "$work/storm.json"
}

must dropctl del-filter --all
netns_add m1 m2
link_add m1 a0 02:00:00:00:00:01 10.77.0.1/24 m2 b0 02:00:00:00:00:02 10.77.0.2/24
net 'udp("m1", "10.77.0.2", 7400)'
endings
terminal
several
counters
storm_setup
overrun
unload
finish
