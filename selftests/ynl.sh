#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's own YNL client, told nothing but include/netlink/droptrace.yaml,
# talks to the module; see ynl.py. ynl-fetch.sh has to have got the client, since
# virtual machines have no network; "make -C selftests" runs it.
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
dir=$(bash "$here/ynl-fetch.sh" --where)
if [[ ! -e $dir/.complete ]]; then
	echo "1..0 # SKIP the kernel's YNL client is not here:" \
		"$(cat "$dir/why" 2> /dev/null || echo 'selftests/ynl-fetch.sh did not run')"
	exit 4
fi
exec /usr/bin/python3 -B "$here/ynl.py" "$dir"
