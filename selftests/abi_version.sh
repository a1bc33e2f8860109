#!/bin/bash
# A dropctl and a module that do not belong together: every command that needs the
# module says which versions of the interface meet, and does nothing. The other
# module is the one under test with another version number in its netlink family,
# as DROPTRACE_GENL_VERSION would have put it there.
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"

# make_other VERSION - $work/other.ko; the family's name and version are adjacent
make_other() {
	must /usr/bin/python3 -c '
import sys
source, target, version = sys.argv[1:]
module = open(source, "rb").read()
family = b"droptrace".ljust(16, b"\0")
assert module.count(family + (1).to_bytes(4, "little")) == 1
open(target, "wb").write(module.replace(family + (1).to_bytes(4, "little"),
                                        family + int(version).to_bytes(4, "little")))
' "$DROPTRACE_KO" "$work/other.ko" "$1"
}

trap 'rmmod droptrace 2> /dev/null; insmod "$DROPTRACE_KO"; clean_up' EXIT

refuses() { # VERSION VERB…
	local version=$1
	shift
	run dropctl "$@"
	like "module $version: dropctl $* is refused" "$status $err" \
		"^1 dropctl: [^"$'\n'"]*version $version [^"$'\n'"]*version 1"$'\n'"hint: .*(rmmod|modprobe|insmod)"
	is 'and has no output' "$out" ''
}

for version in 99 2; do
	make_other $version
	must rmmod droptrace
	must insmod "$work/other.ko"
	refuses $version status
	refuses $version monitor
	refuses $version add-filter udp
	refuses $version list-filters
	refuses $version del-filter --all
	refuses $version top --once
	run dropctl status --json
	like "module $version: status --json says so" "$status $out" '^1 .*"type":"status","loaded":true,.*"error":'
	# What does not need the module does not care.
	run dropctl symbolize ip_rcv+4
	is "module $version: symbolize works" "$status" 0
done
must rmmod droptrace
must insmod "$DROPTRACE_KO"
run dropctl status
is 'with its own module it works again' "$status" 0
run dropctl add-filter --name again udp
is 'and adds filters' "$status" 0
check 'one' test "$(field objects)" = 1
must dropctl del-filter again
check 'and none is left' idle
finish
