/* SPDX-License-Identifier: GPL-2.0-only */
/* Fetch programs: what user space wants to know of registers and memory. */
#ifndef DROPTRACE_FETCH_H
#define DROPTRACE_FETCH_H

#include <linux/types.h>

#include "arch.h"
#include "droptrace.h"

struct droptrace_path;
struct pt_regs;

/**
 * struct droptrace_prog - a fetch program that has been checked
 * @insns: its instructions
 * @len: their number
 * @reg: the register (DWARF number) that is all it yields, or DROPTRACE_NO_REG;
 *	 saves running most programs that yield a packet
 */
struct droptrace_prog {
	const struct droptrace_insn *insns;
	u32 len;
	u8 reg;
};

/**
 * struct droptrace_fetch - what a run of a program can see
 * @regs: registers at the point
 * @args: those of the arguments at the frame's entry, or NULL
 * @entry_sp: stack pointer at the frame's entry, 0 if not kept
 * @skb: the frame's packet, 0 if not known
 * @path: where values go, or NULL for nowhere
 * @point: index of the point
 */
struct droptrace_fetch {
	const struct pt_regs *regs;
	const u64 *args;
	u64 entry_sp;
	u64 skb;
	struct droptrace_path *path;
	u16 point;
};

const char *droptrace_fetch_check(const struct droptrace_insn *insns, u32 len);
void droptrace_fetch_prepare(struct droptrace_prog *prog);
u64 droptrace_fetch_run(const struct droptrace_prog *prog, const struct droptrace_fetch *fetch);

/**
 * droptrace_fetch_reg() - a register at a point
 * @regs: the registers
 * @reg: DWARF number, below DROPTRACE_ARCH_REGS
 *
 * Context: Any context, NMI-safe.
 * Return: its value.
 */
static inline u64 droptrace_fetch_reg(const struct pt_regs *regs, unsigned int reg)
{
	static const u8 offsets[] = DROPTRACE_ARCH_REG_OFFSETS;
	u64 value = *(const unsigned long *)((const u8 *)regs + offsets[reg]);

	/* Points are met behind their breakpoint. */
	return reg == DROPTRACE_ARCH_REG_IP ? value - 1 : value;
}

#endif /* DROPTRACE_FETCH_H */
