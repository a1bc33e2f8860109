# shellcheck shell=bash disable=SC2154,SC2034 # what scripts/bench has set, and uses
# What line paths cost: every line of ip_rcv_finish_core, the function that each packet of
# the bench goes through on its way to where it is dropped. Sourced by scripts/bench.
#
# The floor is a module of its own (selftests/bench/floor) that puts kprobes which do
# nothing at the very addresses that dropctl chose; ftrace is given the same ones.

points_function=ip_rcv_finish_core

# Run something while dropctl traces.
points_armed() { # COMMAND… -- [FUNCTION…] -- FILTER…
	local run=() pid
	while [[ $1 != -- ]]; do
		run+=("$1")
		shift
	done
	shift
	rm -f /tmp/ready
	dropctl trace $points_function --json --ready-file /tmp/ready "$@" > /dev/null 2>&1 &
	pid=$!
	while [[ ! -e /tmp/ready ]] && kill -0 $pid; do sleep 0.1; done
	sleep 2 # the kernel makes jumps of probes when it has time
	quiet $pid
	"${run[@]}"
	gone $pid
}

points_note() {
	awk '$2 == "k" { print "0x" $1 }' /sys/kernel/debug/kprobes/list > /tmp/points
	optimised=$(grep -c OPTIMIZED /sys/kernel/debug/kprobes/list)
}

points_send() { # NAME GOAL DELIVERED_COMMAND SETTLE_MS
	local out got='-'
	read -r -a out < <(send "$4")
	[[ $3 == - ]] || got=$($3)
	row "$1" "$2" - "$got" "${out[0]}" "${out[1]}"
}

points_floor() {
	insmod "$tools/floor/floor.ko" at="$(paste -sd, /tmp/points)"
	sleep 2
	measure "the same kprobes, empty (the floor)" - -
	rmmod floor
}

points_ftrace() {
	local tracing=/sys/kernel/tracing n=0 address refused=0
	mount -t tracefs none $tracing 2> /dev/null || true
	echo 8192 > $tracing/buffer_size_kb
	while read -r address; do
		echo "p:points/p$((n++)) $address" >> $tracing/kprobe_events 2> /dev/null ||
			refused=$((refused + 1))
	done < /tmp/points
	echo 1 > $tracing/events/points/enable
	sleep 2
	measure "ftrace kprobe events, recorded" - -
	hits=$(awk -v n="$((count + 100))" '{ sum += $2 } END { printf "%.1f", sum / n }' $tracing/kprobe_profile)
	echo 0 > $tracing/events/points/enable
	echo > $tracing/kprobe_events
	((refused == 0)) || ftrace_note=" ($refused that ftrace refuses)"
}

points_stap() {
	if ! command -v stap > /dev/null; then
		stap_note='SystemTap: not installed here'
	elif ! timeout 120 stap -p4 -e "probe kernel.statement(\"$points_function@*:*\") {}" \
		> /tmp/stap 2>&1; then
		stap_note='SystemTap: does not compile here'
	else
		stap -e "probe kernel.statement(\"$points_function@*:*\") {}" > /dev/null 2>&1 &
		local pid=$!
		sleep 10
		measure "SystemTap, empty body" - -
		gone $pid
	fi
}

points() {
	local optimised=0 hits=0 ftrace_note='' stap_note='' arm_ns=0 produced delivered
	: > /tmp/rows
	mount -t debugfs none /sys/kernel/debug 2> /dev/null || true
	measure 'the packet itself' - -
	insmod "$module"
	points_armed points_note -- -- src host 10.10.2.4
	points_armed points_send 'droptrace, no match' 2000 - 300 -- -- src host 10.10.2.4
	produced=$(account produced) delivered=$(account delivered)
	points_armed points_send 'droptrace, match, path as JSON' 8000 share_delivered 30000 \
		-- -- src host 10.77.0.1
	read -r _ arm_ns < <(armed_in dropctl trace $points_function ip_route_input_noref --json -- \
		src host 10.10.2.4)
	arm_points=$(points_armed 'grep' -c . /sys/kernel/debug/kprobes/list -- ip_route_input_noref -- \
		src host 10.10.2.4)
	rmmod droptrace
	points_floor
	if ((peers)); then
		points_ftrace
		points_stap
	fi
	awk -F'|' -v count="$count" -v points="$(wc -l < /tmp/points)" -v optimised="$optimised" \
		-v hits="$hits" -v arm="$arm_ns" -v arm_points="$arm_points" \
		-v ftrace="$ftrace_note" -v stap="$stap_note" '
		NR == 1 { base_sender = $5; base_all = $6; next }
		{ n++; name[n] = $1; goal[n] = $2; got[n] = $4
			sender[n] = $5 - base_sender; all[n] = $6 - base_all
			if ($1 ~ /floor/) floor = sender[n] }
		END { printf "\nall lines of '$points_function': %d points, %d of them jumps", points, optimised
			if (hits) printf "; a packet hits %s%s", hits, ftrace
			printf "\n\n%-40s %9s %9s %9s %9s  %s\n", "added per packet", "sender", "goal", "all", "floors", "delivered"
			for (i = 1; i <= n; i++) {
				verdict = ""
				if (goal[i] != "-" && sender[i] > goal[i]) { verdict = "  OVER GOAL"; bad = 1 }
				if (got[i] != "-" && got[i] < count) { verdict = verdict "  NOT ALL DELIVERED"; bad = 1 }
				printf "%-40s %+9d %9s %+9d %9.1f  %s%s\n", name[i], sender[i], goal[i], all[i],
					sender[i] / floor, (got[i] == "-" ? "-" : sprintf("%.1f %%", 100 * (got[i] > count ? count : got[i]) / count)), verdict }
			if (stap != "") print stap
			printf "\ndropctl trace: %.0f ms of CPU from start to armed, %d points (goal 150 ms for 60)\n", arm / 1e6, arm_points
			if (arm == 0 || arm > 1.5e8 * arm_points / 60) { print "ARMED TOO LATE"; bad = 1 }
			exit bad }' /tmp/rows
}
