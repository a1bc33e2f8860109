// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the instructions that a client sends to a program that the kernel runs.
 * The kernel's own checker does the main work (bounds, jumps, division), and
 * compiles the program where it can; here stands only what is special about the
 * view that the program runs on: which ancillary loads have a meaning there.
 */
#include <linux/filter.h>
#include <net/netlink.h>

#include "droptrace.h"
#include "filter_prog.h"

static bool filter_prog_load_allowed(const struct sock_filter *insn)
{
	/* The length of a header is that of one in the packet. */
	if (BPF_CLASS(insn->code) == BPF_LDX && BPF_MODE(insn->code) == BPF_MSH)
		return insn->k < (u32)SKF_LL_OFF;
	if (BPF_CLASS(insn->code) != BPF_LD || BPF_MODE(insn->code) != BPF_ABS)
		return true;
	if (insn->k < (u32)SKF_LL_OFF)
		return true;			/* the packet */
	if (insn->k < (u32)SKF_NET_OFF)
		return true;			/* the link header */
	if (insn->k < (u32)SKF_AD_OFF)
		return false;			/* the packet again: offsets from 0 do that */

	switch (insn->k - (u32)SKF_AD_OFF) {
	case SKF_AD_PROTOCOL:
	case SKF_AD_PKTTYPE:
	case SKF_AD_MARK:
	case SKF_AD_RXHASH:
	case SKF_AD_QUEUE:
	case SKF_AD_VLAN_TAG:
	case SKF_AD_VLAN_TAG_PRESENT:
	case SKF_AD_VLAN_TPID:
		return true;
	}
	return false;
}

/**
 * droptrace_filter_prog_create() - make a program from an attribute
 * @attr: array of struct sock_filter
 * @extack: told what is wrong with it
 *
 * Context: Process context. May sleep.
 * Return: the program, to be released with bpf_prog_destroy(); or ERR_PTR().
 */
struct bpf_prog *droptrace_filter_prog_create(const struct nlattr *attr,
					      struct netlink_ext_ack *extack)
{
	struct sock_fprog_kern fprog;
	struct bpf_prog *prog;
	unsigned int i;
	int err;

	if (!nla_len(attr) || nla_len(attr) % sizeof(*fprog.filter) ||
	    nla_len(attr) / sizeof(*fprog.filter) > DROPTRACE_PROG_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "not a whole number of instructions, 1 to 4096");
		return ERR_PTR(-EINVAL);
	}

	fprog.filter = nla_data(attr);
	fprog.len = nla_len(attr) / sizeof(*fprog.filter);
	for (i = 0; i < fprog.len; i++) {
		if (filter_prog_load_allowed(&fprog.filter[i]))
			continue;
		NL_SET_ERR_MSG_ATTR(extack, attr, "an ancillary load has no meaning here");
		return ERR_PTR(-EINVAL);
	}

	err = bpf_prog_create(&prog, &fprog);
	if (err) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "the program is not valid classic BPF");
		return ERR_PTR(err);
	}
	return prog;
}
