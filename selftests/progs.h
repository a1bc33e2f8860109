/* SPDX-License-Identifier: GPL-2.0-only */
/* Filter programs by hand, and the loads that the module gives a meaning to. */
#ifndef PROGS_H
#define PROGS_H

#include <linux/filter.h>

#define AD(what)	((unsigned int)(SKF_AD_OFF + (what)))
#define LL(offset)	((unsigned int)(SKF_LL_OFF + (offset)))

#define LD_W(k)		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, k)
#define LD_H(k)		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, k)
#define LD_B(k)		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, k)
#define RET(k)		BPF_STMT(BPF_RET | BPF_K, k)
/* Goes on if A equals @k, else skips @skip instructions. */
#define IF_EQ(k, skip)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, skip)

#define MATCH		RET(0xffffffff)
#define NO_MATCH	RET(0)

/* A whole program: one load, one comparison. */
#define LOAD_EQUALS(load, k)	load, IF_EQ(k, 1), MATCH, NO_MATCH

#endif /* PROGS_H */
