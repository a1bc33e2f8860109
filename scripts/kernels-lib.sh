# shellcheck shell=bash disable=SC2034 # what is set here is used by others
# Where kernels are: the installed ones, and those that scripts/kernels keeps in
# chroots. Sourced by scripts/vm, scripts/kernels and scripts/check, so that all
# of them mean the same kernel by the same name. Sets variables, prints nothing.

DROPTRACE_CACHE=${DROPTRACE_CACHE:-/var/cache/droptrace}

# list_kernels - every usable kernel, one "RELEASE ROOT" a line; ROOT is empty
# for the host's own. A real-time or cloud kernel is never picked by a prefix,
# but can be named in full.
list_kernels() {
	local root dir
	for root in '' "$DROPTRACE_CACHE"/kernels/*; do
		# A chroot without this mark is one that is still being made.
		[[ -z $root || -e $root/.complete ]] || continue
		for dir in "$root"/lib/modules/*/; do
			dir=${dir%/}
			[[ -e $root/boot/vmlinuz-${dir##*/} ]] && echo "${dir##*/} $root"
		done
	done | sort -V
}

# find_kernel [NAME] - sets KERNEL (release) and KERNEL_ROOT for an exact
# release, or for a prefix such as 5.10 the newest that begins with it. Without
# a name: the newest 6.1, the one Debian 12 ships.
find_kernel() {
	local name=${1:-6.1} release root
	KERNEL='' KERNEL_ROOT=''
	while read -r release root; do
		if [[ $release == "$name" ]]; then
			KERNEL=$release KERNEL_ROOT=$root
			return 0
		fi
		[[ $release == "$name"[.+-]* && $release == *-amd64 ]] || continue
		[[ $release == *-rt-amd64 || $release == *-cloud-amd64 ]] && continue
		KERNEL=$release KERNEL_ROOT=$root
	done < <(list_kernels)
	[[ -n $KERNEL ]]
}

# default_kerneldir - prints the build directory that the module is built
# against when nothing was asked for: the running kernel's, else the newest.
default_kerneldir() {
	local dir running
	running=/lib/modules/$(uname -r)/build
	if [[ -e $running/Makefile ]]; then
		echo "$running"
		return
	fi
	for dir in $(printf '%s\n' /lib/modules/*/build | sort -rV); do
		case $dir in *-rt-amd64/build | *-cloud-amd64/build) continue ;; esac
		[[ -e $dir/Makefile ]] && echo "$dir" && return
	done
	return 1
}
