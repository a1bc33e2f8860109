#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Gets the kernel's own YNL client (tools/net/ynl) and the schemas of its
# specifications out of Debian's linux-source-6.12, for ynl.sh, and prints where
# they are. Debian 12 has that package in its security archive and backports; the
# machine's mirrors are used, with package lists of our own, and its apt settings
# stay as they are. Without network the reason is left in the file "why" there.
#
# usage: bash ynl-fetch.sh [--where]     --where: no fetching
set -u

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source-path=SCRIPTDIR source=../scripts/kernels-lib.sh
. "$here/../scripts/kernels-lib.sh"

dir=$DROPTRACE_CACHE/ynl-6.12
package=linux-source-6.12

fail() {
	echo "ynl-fetch: $*" >&2
	echo "$*" > "$dir/why"
	exit 1
}

# mirror_of PATTERN - the address of this machine's archive of that suite
mirror_of() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets 'Created-By: Packages' --format '$(REPO_URI) $(RELEASE) $(ORIGIN)' |
		awk -v pattern="$1" '$2 ~ pattern && $1 ~ /debian/ { print $1; exit }'
}

# Everything that apt would write goes into one directory.
private_apt() {
	apt-get -qq -o Dir::State="$work/state" -o Dir::Cache="$work/cache" \
		-o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::status=/var/lib/dpkg/status -o Acquire::Languages=none \
		-o Acquire::http::Timeout=20 -o Acquire::Retries=1 -o APT::Sandbox::User=root "$@"
}

write_sources() {
	local main security
	main=$(mirror_of '^bookworm$')
	security=$(mirror_of '^bookworm-security$')
	[[ -n $main ]] || fail "no mirror of Debian 12 in this machine's apt sources"
	echo "deb $main bookworm-backports main" > "$work/sources.list"
	[[ -z $security ]] || echo "deb $security bookworm-security main" >> "$work/sources.list"
}

[[ -e $dir/.complete || ${1-} == --where ]] && echo "$dir" && exit
mkdir -p "$dir" || exit
exec 9> "$dir/.lock"
flock 9
[[ -e $dir/.complete ]] && echo "$dir" && exit

work=$(mktemp -d "$dir/work.XXXXXX") || exit
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
write_sources
private_apt update > "$work/log" 2>&1 < /dev/null ||
	fail "no package lists: $(tail -n 1 "$work/log")"
(cd "$work" && private_apt download "$package") > "$work/log" 2>&1 < /dev/null ||
	fail "$package cannot be had: $(tail -n 1 "$work/log")"
dpkg-deb --fsys-tarfile "$work/$package"_*.deb | tar -xO "./usr/src/$package.tar.xz" |
	tar -xJ -C "$dir" --strip-components=1 "$package/tools/net/ynl" "$package/Documentation/netlink" ||
	fail "$package is not laid out as expected"
rm -f "$dir/why"
touch "$dir/.complete"
echo "$dir"
