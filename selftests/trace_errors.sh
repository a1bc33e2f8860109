#!/bin/bash
# What cannot be traced, and how dropctl says so: status, words and a next step.
# timeout: 600
# shellcheck source-path=SCRIPTDIR source=tools/lib.sh
. "${BASH_SOURCE[0]%/*}/tools/lib.sh"

# refused NAME STATUS REGEX ARG… - `dropctl ARG…` ends so and says that
refused() {
	run dropctl "${@:4}"
	like "$1: status" "$status" "^($2)$"
	like "$1: words" "$err" "$3"
	is "$1: nothing on stdout" "$out" ''
}

refused 'a function that does not exist' 2 "ip_rcv_finish_cor.*ip_rcv_finish_core" \
	trace --timeout 1 ip_rcv_finish_cor
refused 'of a module that is not loaded' '[12]' 'sctp' trace --timeout 1 sctp_rcv@sctp
refused 'an address outside of the kernel' '[12]' '0x1000' trace --timeout 1 0x1000
refused 'a value with an unknown member' 2 'in_devise' \
	trace --timeout 1 ip_check_mc_rcu --values 'in_devise->mc_hash'
refused 'a value with a broken expression' 2 'missing|expected|end' \
	trace --timeout 1 ip_check_mc_rcu --values 'in_dev->'
refused 'a place that is none' 2 'nowhere' trace --timeout 1 ip_check_mc_rcu --values 'in_dev @ nowhere'
refused 'lines that are none' 2 '2-1' trace --timeout 1 ip_check_mc_rcu --lines 2-1
refused 'a broken expression for packets' 2 'syntax' trace --timeout 1 ip_rcv -- host host
refused 'a packet argument that is none' '[12]' 'argument|pointer' \
	trace --timeout 1 ip_check_mc_rcu --packet-arg 2
refused 'nothing to trace' 2 'FUNC|function|required' trace
refused 'no drops' 3 '' trace --timeout 0.2 ip_rcv_finish_core -- src host 192.0.2.1
sysctl -qw kernel.kptr_restrict=2
refused 'hidden addresses' 1 'hidden' trace --timeout 1 ip_rcv
sysctl -qw kernel.kptr_restrict=0
check 'nothing is left behind' await idle
finish
