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
#define LD_PROTOCOL	LD_H(AD(SKF_AD_PROTOCOL))
#define LD_LEN		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0)
/* Goes on if A equals @k, else skips @skip instructions. */
#define IF_EQ(k, skip)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, skip)

#define MATCH		RET(0xffffffff)
#define NO_MATCH	RET(0)

/* Behind the last instruction of a program, where its length is not given. */
#define PROG_END_CODE	0xffff
#define PROG_END	BPF_STMT(PROG_END_CODE, 0)

/* A whole program: one load, one comparison. */
#define LOAD_EQUALS(load, k)	{ load, IF_EQ(k, 1), MATCH, NO_MATCH, PROG_END }

#endif /* PROGS_H */
