/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What points need to know of the processor, and nothing else: which registers
 * there are, what a breakpoint does to preempt_count(), where code may lie.
 */
#ifndef DROPTRACE_ARCH_H
#define DROPTRACE_ARCH_H

#include <linux/preempt.h>
#include <linux/ptrace.h>
#include <linux/types.h>

#if !IS_ENABLED(CONFIG_X86_64)
#error "droptrace knows the registers of x86-64 alone"
#endif

#include <asm/pgtable.h>

/* Registers by their DWARF numbers: 16 general ones and the instruction pointer. */
#define DROPTRACE_ARCH_REGS	17
#define DROPTRACE_ARCH_REG_SP	7
#define DROPTRACE_ARCH_REG_IP	16
#define DROPTRACE_ARCH_ARGS	6

/* Where pt_regs has each of them. */
#define DROPTRACE_ARCH_REG_OFFSETS						\
	{									\
		offsetof(struct pt_regs, ax), offsetof(struct pt_regs, dx),	\
		offsetof(struct pt_regs, cx), offsetof(struct pt_regs, bx),	\
		offsetof(struct pt_regs, si), offsetof(struct pt_regs, di),	\
		offsetof(struct pt_regs, bp), offsetof(struct pt_regs, sp),	\
		offsetof(struct pt_regs, r8), offsetof(struct pt_regs, r9),	\
		offsetof(struct pt_regs, r10), offsetof(struct pt_regs, r11),	\
		offsetof(struct pt_regs, r12), offsetof(struct pt_regs, r13),	\
		offsetof(struct pt_regs, r14), offsetof(struct pt_regs, r15),	\
		offsetof(struct pt_regs, ip),					\
	}

/* DWARF numbers of the registers of the first arguments, in their order. */
#define DROPTRACE_ARCH_ARG_REGS { 5, 4, 1, 2, 8, 9 }

static inline void droptrace_arch_args(u64 args[DROPTRACE_ARCH_ARGS], const struct pt_regs *regs)
{
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->cx;
	args[4] = regs->r8;
	args[5] = regs->r9;
}

/**
 * droptrace_arch_count() - preempt_count() of the code that a point interrupted
 * @regs: as given to the point
 *
 * A breakpoint counts as an NMI and a hard interrupt, whatever it interrupts; the
 * jump of an optimised point counts as nothing. The jump's registers lie right
 * below the stack that it found (5.10 leaves one word of them out), those of an
 * exception further down.
 *
 * Context: A kprobe's handler.
 * Return: the count.
 */
static inline unsigned int droptrace_arch_count(const struct pt_regs *regs)
{
	unsigned int count = preempt_count();

	if ((count & NMI_MASK) && (unsigned long)(regs + 1) - regs->sp > sizeof(long))
		count -= NMI_OFFSET + HARDIRQ_OFFSET;
	return count;
}

/**
 * droptrace_arch_executable() - may there be code at an address
 * @address: of the kernel
 *
 * Context: Process context.
 * Return: false if nothing is mapped there, or data is.
 */
static inline bool droptrace_arch_executable(unsigned long address)
{
	unsigned int level;
	pte_t *pte = lookup_address(address, &level);

	/* The flags stand at the same bits at every level. */
	return pte && (pte_flags(*pte) & _PAGE_PRESENT) && !(pte_flags(*pte) & _PAGE_NX);
}

/* A breakpoint is one byte; an optimised point has a jump in its place. */
#define DROPTRACE_ARCH_BREAKPOINT 0xcc

#endif /* DROPTRACE_ARCH_H */
