# shellcheck shell=bash
# What the shell selftests of dropctl share: TAP, waiting for conditions, network
# namespaces that vanish with the test, packets (through net.py), and monitors that
# run in the background. Sourced; a test ends with "finish", which prints the plan: one
# that has died before has none, which is a failure (results differ from kernel to
# kernel, and a number that is kept by hand would have to know).
#
# Nothing here sleeps for a fixed time in the hope that it is enough: `await` looks
# at a condition until it holds or its limit is up, and then the test says so.

tools=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
work=$(mktemp -d /tmp/selftest.XXXXXX) || exit 1
# Seconds after which something that has to happen is taken to have failed.
PATIENCE=${PATIENCE:-120}
results=0 failures=0
out='' err='' status=0
namespaces=()
tracing=/sys/kernel/tracing
declare -A monitor_pid
# The function that drops a datagram to a closed port.
# shellcheck disable=SC2034 # for the tests
udp_rcv=$(awk '$3 == "__udp4_lib_rcv" { found = 1 } END { print found ? "__udp4_lib_rcv" : "udp_rcv" }' /proc/kallsyms)

# --- results ----------------------------------------------------------------

echo "TAP version 13"

diag() {
	local text=$*
	echo "# ${text//$'\n'/$'\n# '}"
}

# result STATUS NAME - one result: passed if STATUS is 0
result() {
	results=$((results + 1))
	if (($1)); then
		failures=$((failures + 1))
		echo "not ok $results - $2"
	else
		echo "ok $results - $2"
	fi
}

# check NAME COMMAND… - passed if the command succeeds, which says nothing else
check() {
	local name=$1
	shift
	"$@"
	result $? "$name"
}

is() { # NAME GOT WANTED
	[[ $2 == "$3" ]]
	result $? "$1"
	[[ $2 == "$3" ]] || diag "got:    $2"$'\n'"wanted: $3"
}

like() { # NAME TEXT REGEX
	[[ $2 =~ $3 ]]
	result $? "$1"
	[[ $2 =~ $3 ]] || diag "got: $2"$'\n'"wanted something like: $3"
}

skip() { # NAME WHY
	results=$((results + 1))
	echo "ok $results - $1 # SKIP $2"
}

bail() {
	echo "Bail out! $*"
	exit 1
}

finish() {
	echo "1..$results"
	exit $((failures > 0))
}

# --- commands ---------------------------------------------------------------

# run COMMAND… - sets out, err and status. A command that hangs ends with 124.
# shellcheck disable=SC2034 # these are for the tests
run() {
	timeout -k 5 "$PATIENCE" "$@" > "$work/out" 2> "$work/err"
	status=$?
	out=$(< "$work/out")
	err=$(< "$work/err")
}

# must COMMAND… - part of the set-up: the test makes no sense without it
must() {
	run "$@"
	((status == 0)) || bail "$* ended with status $status: $err"
}

# await CONDITION… - until that command succeeds; fails after PATIENCE seconds
await() {
	local end=$((SECONDS + PATIENCE))
	until "$@" 2> /dev/null; do
		((SECONDS < end)) || return 1
		sleep 0.05
	done
}

must_await() { # WHAT CONDITION…
	local what=$1
	shift
	await "$@" || bail "waited $PATIENCE s for $what"
}

gone() { # PID
	! kill -0 "$1"
}

# field NAME - the number of that name in `dropctl status --json`
field() {
	dropctl status --json | grep -oE "\"$1\":[0-9]+" | head -n 1 | cut -d: -f2
}

kernel_has_reasons() {
	dropctl status --json | grep -q '"has_reason":true'
}

idle() {
	[[ $(field objects) == 0 ]]
}

# --- namespaces and packets -------------------------------------------------

netns_add() { # NAME…
	local name
	for name; do
		ip netns add "$name" || bail "ip netns add $name"
		namespaces+=("$name")
		ip -n "$name" link set lo up
		# No addresses and queries but those that a test asks for.
		ip netns exec "$name" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1
	done
}

# link_add NAMESPACE DEVICE MAC ADDRESS  NAMESPACE DEVICE MAC ADDRESS - a cable with
# two ends, both up; an ADDRESS of "-" is none
link_add() {
	must ip link add "$2" netns "$1" address "$3" type veth peer name "$6" netns "$5" address "$7"
	[[ $4 == - ]] || must ip -n "$1" addr add "$4" dev "$2"
	[[ $8 == - ]] || must ip -n "$5" addr add "$8" dev "$6"
	must ip -n "$1" link set "$2" up
	must ip -n "$5" link set "$6" up
}

# set_in NAMESPACE KEY=VALUE… - sysctl there
set_in() {
	local name=$1
	shift
	must ip netns exec "$name" sysctl -qw "$@"
}

inode() { # NAMESPACE
	stat -L -c %i "/run/netns/$1"
}

net_start() {
	coproc NET { exec /usr/bin/python3 -B "$tools/net.py" 2>&1; }
	net_in=${NET[1]} net_out=${NET[0]}
}

# net STATEMENT - has net.py execute it; its value is in $net_answer
net() {
	[[ -n ${net_in:-} ]] || net_start
	echo "$1" >&"$net_in"
	read -r -t "$PATIENCE" net_answer <&"$net_out" || net_answer="no answer"
	[[ $net_answer == ok* ]] || bail "net.py: $1: $net_answer"
	net_answer=${net_answer#ok}
	net_answer=${net_answer# }
}

# --- monitors ---------------------------------------------------------------

# monitor NAME [ARG…] - `dropctl monitor` (or $stream_verb) in the background, armed when this returns.
# Its output is in $work/NAME.json (or .txt with --text as first ARG), .err.
monitor() {
	local name=$1 form=--json file=json
	shift
	[[ ${1:-} == --text ]] && { shift; form='' file=txt; }
	rm -f "$work/$name.ready"
	# Jobs of a script ignore Ctrl-C; this one is to be ended with it.
	# shellcheck disable=SC2086 # no word if there is no form
	env --default-signal=INT dropctl "${stream_verb:-monitor}" $form --ready-file "$work/$name.ready" "$@" \
		> "$work/$name.$file" 2> "$work/$name.err" &
	monitor_pid[$name]=$!
	await test -e "$work/$name.ready" || bail "monitor $name is not ready: $(cat "$work/$name.err")"
}

# monitor_end NAME [SIGNAL] - ends one (empty: waits for it), sets status
monitor_end() {
	local pid=${monitor_pid[$1]} signal=${2-INT}
	[[ -n $signal ]] && kill -s "$signal" "$pid" 2> /dev/null
	if ! await gone "$pid"; then
		kill -KILL "$pid"
		diag "monitor $1 did not end"
	fi 2> /dev/null # the shell's own remark about one that was killed
	wait "$pid" 2> /dev/null
	status=$?
	unset "monitor_pid[$1]"
}

# seen NAME TEXT [TIMES] - TEXT is in that many lines of a monitor's output
seen() {
	(($(grep -cF -- "$2" "$work/$1".[jt]*) >= ${3:-1}))
}

# --- judgements --------------------------------------------------------------

# judge_with TOOL ARG… - runs a judge, each verdict of which is a result
judge_with() {
	local verdict name why lines=0
	while IFS=$'\t' read -r verdict name why; do
		case $verdict in
		ok | 'not ok')
			lines=$((lines + 1))
			[[ $verdict == ok ]]
			result $? "$name"
			[[ -n $why ]] && diag "${why//\\n/$'\n'}" ;;
		*) echo "# $verdict $name" ;;
		esac
	done < <(/usr/bin/python3 -B "$tools/$1" "${@:2}" 2>&1)
	wait $! || bail "$1 $2 ended with status $?"
	((lines)) || bail "$1 $2 has no verdict"
}

judge() { # MODE ARG…
	judge_with judge.py "$@"
}

# drops NAME COUNT SELECT EXPECT - notes what `judge_drops` is to look for
drops() {
	local words=("${@//[$'\t\n']/ }")
	printf '%s\t%s\t%s\t%s\n' "${words[@]}" >> "$work/expected"
}

# none NAME SELECT - no drop is like that
none() {
	drops "$1" 0 "$2" True
}

# watch_drops - a monitor of everything, and beside it the kernel's own trace
watch_drops() {
	net 1
	monitor all --verbose
	trace_of_kernel=0
	echo 0 2> /dev/null > $tracing/options/hash-ptr || return # before 5.11
	echo > $tracing/trace
	echo 1 > $tracing/events/skb/kfree_skb/enable
	trace_of_kernel=1 trace_from=$(date +%s%N)
}

# judge_watched NAMESPACE ADDRESS - ends the two, and judges what they had to say: 7
# results, and one for each `drops` and `none`. The address has a closed port 7999.
judge_watched() {
	# net.py stays on one CPU, so what is dropped last is reported last.
	net "udp('$1', '$2', 7999)"
	must_await 'the last drop' seen all '"dport":7999'
	trace_to=$(date +%s%N)
	echo 0 > $tracing/events/skb/kfree_skb/enable
	cat $tracing/trace > "$work/trace"
	monitor_end all
	is 'the monitor ends as done, nothing lost' "$status" 0
	# The initialisation of a module that was loaded meanwhile has gone by now; a softirq may
	# have interrupted a task that reads the VM's disk, and kernels are fetched without that
	# one's debug information (scripts/kernels).
	is 'and complains about nothing' "$(grep -vE ' is in no function now| of module (9p|netfs|fscache|overlay)' "$work/all.err")" ''
	judge_drops "$work/all.json"
	judge contract "$work/all.json"
	if ((trace_of_kernel)); then
		judge trace "$work/all.json" "$work/trace" "$trace_from" "$trace_to"
	else
		skip 'reports every drop of the trace' 'it hides addresses'
		skip 'reports no other drop' 'it hides addresses'
	fi
	judge symbols "$work/all.json"
}

judge_drops() { # FILE
	local name netns=()
	for name in "${namespaces[@]}"; do netns+=(--netns "$name=$(inode "$name")"); done
	judge drops "$1" "$work/expected" "${netns[@]}"
}

# --- the end ----------------------------------------------------------------

clean_up() {
	local pid name
	for pid in "${monitor_pid[@]}" ${NET_PID:+"$NET_PID"}; do
		kill -CONT "$pid" 2> /dev/null
		kill -KILL "$pid" 2> /dev/null
		wait "$pid" 2> /dev/null
	done
	for name in "${namespaces[@]}"; do ip netns del "$name"; done
	dropctl del-probe --all > /dev/null 2>&1
	dropctl del-filter --all > /dev/null 2>&1
	# For those who look into a failure: scripts/vm --share DIR --env KEEP=DIR …
	[[ -n ${KEEP:-} ]] && cp -r "$work" "$KEEP/"
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 143' TERM INT
