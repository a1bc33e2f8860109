#!/bin/bash
# What dropctl says to those who are wrong, or who have come to a machine that is:
# for every mistake the exit status, the message and the hint; that nothing is left
# behind of a command that was refused; and that less is offered, not nothing, where
# only something is missing (debug information, addresses, BTF).
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"

release=$(uname -r)
# As a regular expression: 6.12.117+deb12-amd64
release=${release//./\\.} release=${release//+/\\+}
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# read_errors - splits $err: sets message (all but the hint), messages, hint and hints
read_errors() {
	local line
	message='' hint='' messages=0 hints=0
	while IFS= read -r line; do
		case $line in
		'hint: '*) hint=${line#hint: } hints=$((hints + 1)) ;;
		'dropctl: '*) message+=$line messages=$((messages + 1)) ;;
		*) message+=$'\n'$line ;;
		esac
	done <<< "$err"
}

# refused NAME STATUS WHY HINT COMMAND… - the command ends so, with one message
# "dropctl: …" that matches WHY, at most one hint, which matches HINT (empty: any or
# none), and says nothing on stdout
refused() {
	local name=$1 want=$2 why=$3 next=$4 wrong=''
	shift 4
	run "$@"
	read_errors
	[[ $status =~ ^($want)$ ]] || wrong+="status $status, not $want; "
	[[ $message =~ $why ]] || wrong+="the message is not like: $why; "
	((messages == 1)) || wrong+="$messages messages; "
	((hints <= 1)) || wrong+="$hints hints; "
	[[ -z $next || $hint =~ $next ]] || wrong+="the hint is not like: $next; "
	[[ -z $out ]] || wrong+="there is output; "
	[[ -z $wrong ]]
	result $? "$name"
	[[ -z $wrong ]] || diag "${*@Q}: $wrong"$'\n'"$err"$'\n'"$out"
}

# hinted NAME REGEX - of the command that was run last there is one hint like that
hinted() {
	read_errors
	like "$1" "$hints $hint" "^1 .*$2"
}

verbs_and_options() {
	refused 'no verb' 2 '' 'dropctl --help' dropctl
	refused 'an unknown verb' 2 "'monitr'" 'did you mean monitor' dropctl monitr
	refused 'a verb that is like none' 2 "'nonsense'" 'dropctl --help' dropctl nonsense
	refused 'an unknown option' 2 "'--nosuch'" 'dropctl add-filter --help' dropctl add-filter --nosuch
	refused 'an option of another verb' 2 "'--inner'" 'dropctl status --help' dropctl status --inner udp
	refused 'an option without its value' 2 '--dev' 'dropctl add-filter --help' dropctl add-filter --dev
	refused 'an argument too many' 2 "'x'" 'dropctl status --help' dropctl status x
	refused 'options that exclude each other' 2 '--once.*--off' '' dropctl top --once --off
	refused 'a choice that is none' 2 "'never'.*wall.*delta.*epoch" '' dropctl monitor --time never
}

numbers() {
	refused 'a number below zero' 2 "--count.*'-1'" '' dropctl add-filter --count -1
	refused 'a number beyond 64 bits' 2 "'99999999999999999999'" '' dropctl add-filter --count 99999999999999999999
	refused 'a number that is none' 2 "--snaplen.*'1e3'" '' dropctl add-filter --snaplen 1e3
	refused 'an empty number' 2 "--snaplen.*''" '' dropctl add-filter --snaplen ''
	refused 'a number out of bounds' 2 "'99999'.*0 to 3072" '' dropctl add-filter --snaplen 99999
	refused 'a rate of nothing' 2 "'0'.*1 to 1000000" '' dropctl add-filter --rate 0
	refused 'a stack that is too deep' 2 "'65'.*64" '' dropctl monitor --stack 65
	refused 'a ring that is too small' 2 "'5'.*16384" '' dropctl monitor --ring-size 5
	refused 'a duration that is none' 2 "--timeout.*'soon'" '' dropctl monitor --timeout soon
	refused 'a duration below zero' 2 "--timeout.*'-1'" '' dropctl monitor --timeout -1
	refused 'a mark that is none' 2 "--mark.*'x'" '0x' dropctl add-filter --mark x
	refused 'a mark beyond 32 bits' 2 "'0x100000000'" '' dropctl add-filter --mark 0x100000000
	refused 'a mark outside its mask' 2 'mask' '' dropctl add-filter --mark 1/0
}

expressions() {
	local text='src host 10.10.2.4 an proto ospf'
	refused 'an expression that is wrong' 2 "syntax error near 'an'" "pcap-filter.*'and'" dropctl add-filter "$text"
	is 'and where' "${message#*$'\n'}" "  $text"$'\n'"                     ^^"
	# shellcheck disable=SC2086 # as words, which is how it is typed
	refused 'the same as words' 2 "syntax error near 'an'" 'pcap-filter' dropctl add-filter $text
	refused 'an expression that ends too early' 2 'syntax error' 'pcap-filter' dropctl add-filter 'host ('
	refused 'an inner expression' 2 "--inner.*syntax error near 'an'" 'pcap-filter' dropctl add-filter --inner 'udp an'
	refused 'a host that is not known' 2 "unknown host 'nosuch.invalid'" '' dropctl add-filter host nosuch.invalid
	refused 'what no drop can be asked' 2 'inbound' '' dropctl add-filter inbound
	refused 'an expression that is too long' 2 '1023' '' dropctl add-filter "$(printf 'udp or %.0s' {1..200})udp"
}

names() {
	if ((has_reason)); then
		refused 'a reason that is misspelt' 2 "'NO_SOKET'" 'NO_SOCKET' dropctl add-filter --reason NO_SOKET
		refused 'one of several reasons' 2 "'ZZZZZZZZ'" 'dropctl reasons' \
			dropctl add-filter --reason NO_SOCKET,ZZZZZZZZ
		refused 'a reason that is asked for' 2 "'NO_SOKET'" 'NO_SOCKET' dropctl reasons NO_SOKET
	else
		refused 'a reason where there are none' 1 'drop reasons' '5.17.*--function' \
			dropctl add-filter --reason NO_SOCKET
		refused 'one that is asked for there' 1 'no drop reasons.*5.17' '' dropctl reasons NO_SOCKET
	fi
	refused 'an unknown function' 2 "'ip_rcv_finish_cor'" 'ip_rcv_finish_core' \
		dropctl add-filter --function ip_rcv_finish_cor
	refused 'an unknown interface' 2 'no.*interface.*' '.' dropctl add-filter --dev nosuch0
	like 'and which' "$err" nosuch0
	refused 'a name too long for an interface' 2 'a-very-long-name-indeed' '' dropctl add-filter --dev a-very-long-name-indeed
	refused 'an unknown namespace' 2 "'nosuch'" 'e1' dropctl add-filter --netns nosuch
	refused 'a namespace that is not there' 2 'no such network namespace|5' '.' dropctl add-filter --netns inode:5
	refused 'a namespace of no number' 2 "'inode:x'" '' dropctl add-filter --netns inode:x
	refused 'a file that is no namespace' 2 '/etc/passwd.*not a network namespace' '' dropctl add-filter --netns /etc/passwd
	refused 'a name that is none' 2 "'1st'" 'letter' dropctl add-filter --name 1st
	refused 'to exclude everything' 2 '--exclude' '' dropctl add-filter --exclude
	run dropctl add-filter --name first '   '
	like 'blanks are no expression' "$status $out" '^0 .*"first" added: every packet$'
	refused 'a name that is taken' 1 'name' 'list-filters|del-filter' dropctl add-filter --name first tcp
	refused 'to delete a filter that is not there' 1 "'frist'" 'first' dropctl del-filter frist
	refused 'to delete by an id that is not there' 1 "'777'" 'list-filters' dropctl del-filter 777
	refused 'to delete nothing' 2 '.' '--all' dropctl del-filter
	refused 'to delete all, and one' 2 '--all' '' dropctl del-filter --all first
	refused 'to watch a filter that is not there' 2 "'frist'" 'list-filters|first' dropctl monitor frist
	refused 'to watch an id that is not there' 2 ' 777$' 'list-filters' dropctl monitor 777
	refused 'to watch one that is there and one that is not' 2 "'frist'" 'list-filters|first' dropctl monitor first frist
	refused 'a file that cannot be made' 1 '/nosuch/file' '' dropctl monitor --ready-file /nosuch/file
	refused 'an address that is none' 1 '0xzz' '' dropctl symbolize 0xzz
}

too_many_filters() {
	local i
	for i in {1..64}; do must dropctl add-filter --name "n$i" udp port "$i"; done
	refused 'the 65th filter' 1 64 'del-filter' dropctl add-filter --name n65 udp
	refused 'the 65th, for a moment' 1 64 'del-filter' dropctl monitor udp port 99
	must dropctl del-filter n64
	run dropctl add-filter --name n65 udp
	is 'one that was deleted makes room' "$status" 0
	must dropctl del-filter --all
}

privileges() {
	local verb
	for verb in status monitor list-filters 'add-filter udp' 'del-filter x' 'top --once'; do
		# shellcheck disable=SC2086 # words
		refused "dropctl $verb without root" 1 "^dropctl: ${verb%% *}: .*root" 'sudo' "${nobody[@]}" dropctl $verb
	done
	refused 'without CAP_SYS_ADMIN' 1 'CAP_SYS_ADMIN' sudo setpriv --bounding-set -sys_admin dropctl list-filters
	refused 'without CAP_NET_ADMIN' 1 'CAP_NET_ADMIN' sudo setpriv --bounding-set -net_admin dropctl list-filters
	refused 'as root of a container' 1 'root' '' unshare -Ur dropctl list-filters
	run "${nobody[@]}" dropctl reasons "${some_reason[@]}"
	like 'reasons need no root' "$status $out" "^0 .*${some_reason[*]}"
	run "${nobody[@]}" dropctl symbolize ip_rcv+4
	like 'neither do lines' "$status $out" '^0 .*ip_rcv\+0x4 net/ipv4/ip_input.c:[0-9]+$'
}

# traffic_when_ready FILE - drops, one after the other, from when FILE is there on, until
# it is killed, or this script is
traffic_when_ready() {
	(
		await test -e "$1"
		exec 2> /dev/null
		while kill -0 $$; do
			echo drop > /dev/udp/127.0.0.1/9
			sleep 0.1
		done
	) &
	traffic=$!
}

outputs() {
	traffic_when_ready "$work/ready"
	timeout 60 dropctl monitor --ready-file "$work/ready" udp 2> "$work/err" | head -n 1 > "$work/out"
	is 'monitor | head -1 ends as done' "${PIPESTATUS[0]}" 0
	is 'and quietly' "$(< "$work/err")" ''
	kill "$traffic"
	wait "$traffic" 2> /dev/null
	dropctl reasons 2> "$work/err" | head -n 1 > /dev/null
	is 'so does reasons | head -1' "${PIPESTATUS[0]} $(grep -v 'has no drop reasons' "$work/err")" '0 '
	run bash -c 'exec dropctl status > /dev/full'
	like 'a full disk is an error' "$status $err" '^1 dropctl: stdout: No space left'
	# A descriptor that is given to something else must not be written to.
	run bash -c 'exec dropctl status >&-'
	like 'so is a closed stdout' "$status $err" '^1 dropctl: stdout: '
	before=$(field produced)
	run bash -c 'exec dropctl monitor --timeout 2 >&-'
	like 'also for monitor' "$status $err" '^1 dropctl: stdout: '
	is 'which then has no drops of its own' "$(field produced)" "$before"
	run bash -c 'exec dropctl list-filters 2>&-'
	is 'a closed stderr is not' "$status" 0
}

# without PATH COMMAND… - runs it where there is nothing in that file or directory
without() {
	local path=$1 nothing=$work/nothing
	shift
	[[ -d $path ]] && nothing=$work/empty
	mkdir -p "$work/empty"
	: > "$work/nothing"
	# shellcheck disable=SC2016 # for the inner shell
	run unshare -m bash -c 'mount --bind "$0" "$1" && shift && exec "$@"' "$nothing" "$path" "$@"
}

less_than_all() {
	local debug=/usr/lib/debug watch=(dropctl monitor --count 1 --timeout 50 --ready-file "$work/ready" udp port 9)
	rm -f "$work/ready"
	traffic_when_ready "$work/ready"
	without $debug "${watch[@]}"
	like 'without debug information: symbol and offset' "$status $out" "^0 .*$udp_rcv\+0x[0-9a-f]+$"
	hinted 'and one hint where to get it' "linux-image-$release-dbg"
	without $debug dropctl -j monitor --count 1 --timeout 50 udp port 9
	like 'in JSON the line is null' "$status $out" '^0 .*"symbol":"'"$udp_rcv"'","offset":[0-9]+,.*"file":null,"line":null'
	without $debug dropctl add-filter --function sch_handle_ingress
	hinted 'an inlined function cannot be found' 'debug information'
	without /sys/kernel/btf/vmlinux "${watch[@]}"
	if ((has_reason)); then
		like 'without BTF reasons have names' "$status $out" '^0 .*NO_SOCKET'
	else
		skip 'without BTF reasons have names' 'this kernel gives none'
	fi

	sysctl -qw kernel.kptr_restrict=2
	run "${watch[@]}"
	like 'with hidden addresses: function and line' "$status $out" \
		"^0 .* $udp_rcv +net/ipv4/udp.c:[0-9]+$"
	hinted 'and why there is not more' kptr_restrict
	run dropctl status
	like 'status says so' "$status $out" '^0 .*no addresses'
	refused 'a function cannot be filtered by' 1 'addresses|kptr_restrict' 'kptr_restrict' \
		dropctl add-filter --function ip_rcv_finish_core
	sysctl -qw kernel.kptr_restrict=1
	kill "$traffic"
	wait "$traffic" 2> /dev/null
}

no_module() {
	local verb
	must rmmod droptrace
	for verb in status monitor list-filters 'add-filter udp' 'del-filter x' 'top --once'; do
		# shellcheck disable=SC2086 # words
		refused "dropctl $verb without the module" 1 "not loaded.*$release" 'insmod|modprobe' dropctl $verb
	done
	run dropctl status --json
	like 'status --json says so' "$status $out" '^1 .*"type":"status","loaded":false'
	run dropctl reasons "${some_reason[@]}"
	is 'reasons are there without it' "$status" 0
	must insmod "$DROPTRACE_KO"
}

has_reason=0 some_reason=()
kernel_has_reasons && has_reason=1 some_reason=(NO_SOCKET)
netns_add e1
must dropctl del-filter --all
verbs_and_options
numbers
expressions
names
must dropctl del-filter first
check 'nothing is left of all that was refused' idle
too_many_filters
privileges
outputs
less_than_all
check 'nor of these' idle
no_module
finish
