# What can be built, run and checked here. Thin on purpose: kmod/Kbuild knows how
# to build the module, userspace/CMakeLists.txt the client, scripts/ the rest.
#
#   KERNELDIR=…   kernel to build the module for (default: the running kernel's
#                 headers, else the newest installed ones)
#   DESTDIR= PREFIX=   for install
#   V=1           show the commands

PREFIX ?= /usr/local
# Found once, and only by the targets that use it.
KERNELDIR ?= $(eval KERNELDIR := $$(shell scripts/kernels kerneldir))$(KERNELDIR)
# From the header that modules are stamped with: kernel.release is another thing
# in Debian's older kernels (6.1.192 for 6.1.0-56-amd64).
KERNELRELEASE = $(eval KERNELRELEASE := $$(shell awk -F'"' '/UTS_RELEASE/ { print $$$$2 }' \
	$(KERNELDIR)/include/generated/utsrelease.h 2>/dev/null))$(KERNELRELEASE)

ifeq ($(V),1)
Q :=
else
Q := @
MAKEFLAGS += --no-print-directory
endif

# flock: several people and tests may build in one tree at the same time.
LOCK = mkdir -p build && flock build/.lock-$(1)

# Headers without a vmlinux cannot give a module BTF, and say so in every build.
NOBTF = $(if $(wildcard $(KERNELDIR)/vmlinux),,CONFIG_DEBUG_INFO_BTF_MODULES=)

# Both cores unless the user chose; a parent's job server is left in charge.
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all deps module dropctl unit-tests install install-module install-dropctl
.PHONY: check check-kernels check-scenarios demo bench lint clean help
.DEFAULT_GOAL := all

all: module dropctl

deps:
	$(Q)scripts/deps build

# The stamp makes a change of kernel rebuild everything: kbuild compares command
# lines, and these are the same for most kernels.
module: deps
	$(Q)test -n "$(KERNELRELEASE)" || { echo "make: no kernel headers in '$(KERNELDIR)' (set KERNELDIR)" >&2; exit 1; }
	$(Q)$(call LOCK,kmod) sh -c ' \
		if [ "$$(cat build/.kmod-kernel 2>/dev/null)" != "$(KERNELDIR) $(KERNELRELEASE)" ]; then \
			$(MAKE) -s -C $(KERNELDIR) M=$(CURDIR)/kmod clean && \
			echo "$(KERNELDIR) $(KERNELRELEASE)" > build/.kmod-kernel; \
		fi && \
		$(MAKE) -C $(KERNELDIR) M=$(CURDIR)/kmod $(NOBTF) $(JOBS) modules'

# "make" is the client alone; its tests and benchmarks are built by "make check".
dropctl: CLIENT = dropctl
unit-tests: CLIENT = all
dropctl unit-tests: deps
	$(Q)$(call LOCK,userspace) sh -c ' \
		{ test -e build/userspace/Makefile || cmake -S userspace -B build/userspace -DCMAKE_TARGET_MESSAGES=OFF $(if $(Q),>/dev/null); } && \
		$(MAKE) -C build/userspace $(JOBS) $(if $(Q),-s) $(if $(Q),,VERBOSE=1) $(CLIENT)'

install: install-module install-dropctl

# updates/ comes before the kernel's own directories in every depmod search.
MODULEDIR = $(DESTDIR)/lib/modules/$(KERNELRELEASE)/updates

install-module: module
	$(Q)install -D -m 644 kmod/droptrace.ko $(MODULEDIR)/droptrace.ko
	$(Q)test -n "$(DESTDIR)" || depmod $(KERNELRELEASE)

install-dropctl: dropctl
	$(Q)DESTDIR="$(DESTDIR)" cmake --install build/userspace --prefix $(PREFIX) $(if $(Q),>/dev/null)

check:
	$(Q)scripts/check

check-scenarios:
	$(Q)scripts/check --scenarios

check-kernels:
	$(Q)scripts/check --kernels

demo: all
	$(Q)scripts/deps vm
	$(Q)scripts/demo

bench: all
	$(Q)scripts/deps vm bench
	$(Q)scripts/bench

lint:
	$(Q)scripts/deps lint
	$(Q)scripts/lint

# The chroots that scripts/kernels made are not build output; see its "drop".
clean:
	$(Q)rm -rf build
	$(Q)find kmod \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' \
		-o -name '*.o.d' -o -name modules.order -o -name Module.symvers \) -delete

help:
	@echo 'make              the module (kmod/droptrace.ko) and the client (build/dropctl)'
	@echo 'make module       the module, for KERNELDIR=$(KERNELDIR)'
	@echo 'make dropctl      the client'
	@echo 'make deps         install what the build needs (the other targets do so themselves)'
	@echo 'make install      both, to DESTDIR= and PREFIX=$(PREFIX)'
	@echo 'make check        all tests, in virtual machines'
	@echo 'make check-scenarios diagnoses of drops whose cause is known, all of them'
	@echo 'make check-kernels   the tests that need a kernel, on 5.10, 6.1, 6.12 and 7.3'
	@echo 'make demo         show what droptrace does, in a virtual machine'
	@echo 'make bench        measure what it costs'
	@echo 'make lint         style and static checks'
	@echo 'make clean        remove everything built'
	@echo 'V=1 shows commands. scripts/vm --help: run anything in a virtual machine.'
