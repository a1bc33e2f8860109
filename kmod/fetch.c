// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs fetch programs, which fetch_check.c has checked.
 *
 * A program has 16 registers of 64 bits, and can write nothing else but its output.
 * It reads memory only by ways that survive any address.  Loops are allowed: what
 * bounds a run is the number of instructions that it may execute.
 *
 * Called from points, in any context; NMI-safe.
 */
#include <linux/bitops.h>
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/swab.h>
#include <linux/uaccess.h>

#include "arch.h"
#include "fetch.h"
#include "path.h"

#define FETCH_REGS	16
#define FETCH_SIZE(off)	((off) & 0xff)

static bool fetch_arg(const struct droptrace_fetch *fetch, unsigned int reg, u64 *value)
{
	static const u8 args[] = DROPTRACE_ARCH_ARG_REGS;
	unsigned int i;

	if (reg == DROPTRACE_ARCH_REG_SP && fetch->entry_sp) {
		*value = fetch->entry_sp;
		return true;
	}
	if (!fetch->args)
		return false;
	for (i = 0; i < ARRAY_SIZE(args); i++) {
		if (args[i] == reg) {
			*value = fetch->args[i];
			return true;
		}
	}
	return false;
}

static u64 fetch_extend(u64 value, s16 off)
{
	unsigned int cut = 64 - 8 * FETCH_SIZE(off);

	if (off & DROPTRACE_OFF_SIGNED)
		return (s64)(value << cut) >> cut;
	return value << cut >> cut;
}

static bool fetch_load(u64 *value, u64 address, s16 off)
{
	u64 raw = 0;

	if (copy_from_kernel_nofault(&raw, (const void *)(unsigned long)address, FETCH_SIZE(off)))
		return false;
	*value = fetch_extend(raw, off);
	return true;
}

static u64 fetch_bswap(u64 value, s16 off)
{
	switch (off) {
	case 2:
		return swab16(value);
	case 4:
		return swab32(value);
	}
	return swab64(value);
}

static bool fetch_divide(u8 op, u64 *dst, u64 by)
{
	bool is_signed = op == DROPTRACE_OP_DIVS || op == DROPTRACE_OP_MODS;
	bool is_mod = op == DROPTRACE_OP_MODU || op == DROPTRACE_OP_MODS;

	if (!by)
		return false;
	/* The least number by -1: the one quotient that there is no room for. */
	if (is_signed && (s64)by == -1)
		*dst = is_mod ? 0 : -*dst;
	else if (is_signed)
		*dst = is_mod ? (s64)*dst % (s64)by : (s64)*dst / (s64)by;
	else
		*dst = is_mod ? *dst % by : *dst / by;
	return true;
}

static u64 fetch_binary(u8 op, u64 a, u64 b)
{
	switch (op) {
	case DROPTRACE_OP_ADD:
		return a + b;
	case DROPTRACE_OP_SUB:
		return a - b;
	case DROPTRACE_OP_MUL:
		return a * b;
	case DROPTRACE_OP_AND:
		return a & b;
	case DROPTRACE_OP_OR:
		return a | b;
	case DROPTRACE_OP_XOR:
		return a ^ b;
	case DROPTRACE_OP_SHL:
		return b < 64 ? a << b : 0;
	case DROPTRACE_OP_SHR:
		return b < 64 ? a >> b : 0;
	case DROPTRACE_OP_SAR:
		return (s64)a >> min_t(u64, b, 63);
	case DROPTRACE_OP_EQ:
		return a == b;
	case DROPTRACE_OP_NE:
		return a != b;
	case DROPTRACE_OP_LTU:
		return a < b;
	case DROPTRACE_OP_LTS:
		return (s64)a < (s64)b;
	case DROPTRACE_OP_LEU:
		return a <= b;
	}
	return (s64)a <= (s64)b;	/* DROPTRACE_OP_LES */
}

/* How much of memory is copied at a time; divides the size of a page. */
#define FETCH_PIECE 64

/* Up to the next multiple of it, so that what can be read of a page is read. */
static u32 fetch_piece(u64 address, u32 left)
{
	return min_t(u32, left, FETCH_PIECE - (address & (FETCH_PIECE - 1)));
}

/*
 * Bytes of memory to the output, up to a 0 byte if it is a string. Each piece
 * costs as much as an instruction.
 */
static enum droptrace_value_status fetch_out(struct droptrace_path *path, u64 address, u32 left,
					     bool string, u32 *steps)
{
	char piece[FETCH_PIECE];
	const char *end = NULL;
	u32 len;

	while (left && !end) {
		len = fetch_piece(address, left);
		if (*steps)
			(*steps)--;
		if (copy_from_kernel_nofault(piece, (const void *)(unsigned long)address, len))
			return DROPTRACE_VALUE_FAULT;
		if (string)
			end = memchr(piece, '\0', len);
		if (end)
			len = end - piece + 1;
		if (!droptrace_path_append(path, piece, len))
			return DROPTRACE_VALUE_CUT;
		address += len;
		left -= len;
	}
	/* A string that goes on is not all there is. */
	return string && !end ? DROPTRACE_VALUE_CUT : DROPTRACE_VALUE_OK;
}

/* One run: where it is, and what becomes of its values. */
struct fetch_run {
	const struct droptrace_fetch *fetch;
	u64 regs[FETCH_REGS];
	u32 steps;		/* left */
	s32 fault;		/* where a fault goes on, -1 for nowhere */
};

static void fetch_begin_item(struct fetch_run *run, const struct droptrace_insn *insn, u32 next)
{
	run->fault = next + insn->off;
	if (run->fetch->path)
		droptrace_path_value(run->fetch->path, run->fetch->point, insn->imm);
}

/* What is put out belongs to a value; before the first there is none. */
static bool fetch_puts_out(const struct fetch_run *run)
{
	return run->fetch->path && run->fault >= 0;
}

static bool fetch_put_out(struct fetch_run *run, const struct droptrace_insn *insn, u64 src)
{
	struct droptrace_path *path = run->fetch->path;
	enum droptrace_value_status status = DROPTRACE_VALUE_OK;

	if (!fetch_puts_out(run))
		return true;
	if (insn->op == DROPTRACE_OP_OUT) {
		if (!droptrace_path_append(path, &src, FETCH_SIZE(insn->off)))
			status = DROPTRACE_VALUE_CUT;
	} else {
		status = fetch_out(path, src, insn->imm, insn->op == DROPTRACE_OP_OUT_STR,
				   &run->steps);
	}
	if (status != DROPTRACE_VALUE_OK)
		droptrace_path_value_status(path, status);
	return status != DROPTRACE_VALUE_FAULT;
}

/* Operations that can fail for what they find, and do nothing but to @dst. */
static bool fetch_read(struct fetch_run *run, const struct droptrace_insn *insn, u64 *dst, u64 src)
{
	switch (insn->op) {
	case DROPTRACE_OP_ARG:
		return fetch_arg(run->fetch, insn->imm, dst);
	case DROPTRACE_OP_LOAD:
		return fetch_load(dst, src + insn->imm, insn->off);
	}
	return fetch_divide(insn->op, dst, insn->off ? (u64)insn->imm : src);
}

/* Operations that cannot. */
static void fetch_compute(const struct fetch_run *run, const struct droptrace_insn *insn,
			  u64 *dst, u64 src)
{
	switch (insn->op) {
	case DROPTRACE_OP_LDI:
		*dst = insn->imm;
		break;
	case DROPTRACE_OP_MOV:
		*dst = src;
		break;
	case DROPTRACE_OP_REG:
		*dst = droptrace_fetch_reg(run->fetch->regs, insn->imm);
		break;
	case DROPTRACE_OP_SKB:
		*dst = run->fetch->skb;
		break;
	case DROPTRACE_OP_TASK:
		*dst = (unsigned long)current;
		break;
	case DROPTRACE_OP_PERCPU:
		*dst += __my_cpu_offset;
		break;
	case DROPTRACE_OP_NEG:
		*dst = -*dst;
		break;
	case DROPTRACE_OP_NOT:
		*dst = ~*dst;
		break;
	case DROPTRACE_OP_EXT:
		*dst = fetch_extend(*dst, insn->off);
		break;
	case DROPTRACE_OP_BSWAP:
		*dst = fetch_bswap(*dst, insn->off);
		break;
	default:
		*dst = fetch_binary(insn->op, *dst, insn->off ? (u64)insn->imm : src);
	}
}

/*
 * One instruction.
 * Return: where to go on, -1 at the end, -2 for a fault.
 */
static s32 fetch_step(struct fetch_run *run, const struct droptrace_insn *insns, s32 at)
{
	const struct droptrace_insn *insn = &insns[at++];
	u64 *dst = &run->regs[insn->regs & 0xf];
	u64 src = run->regs[insn->regs >> 4];

	switch (insn->op) {
	case DROPTRACE_OP_END:
		return -1;
	case DROPTRACE_OP_LDI64:
		memcpy(dst, &insns[at], sizeof(*dst));
		return at + 1;
	case DROPTRACE_OP_JMP:
		return at + insn->off;
	case DROPTRACE_OP_JZ:
		return *dst ? at : at + insn->off;
	case DROPTRACE_OP_JNZ:
		return *dst ? at + insn->off : at;
	case DROPTRACE_OP_ITEM:
		fetch_begin_item(run, insn, at);
		return at;
	case DROPTRACE_OP_OUT:
	case DROPTRACE_OP_OUT_MEM:
	case DROPTRACE_OP_OUT_STR:
		return fetch_put_out(run, insn, src) ? at : -2;
	case DROPTRACE_OP_ARG:
	case DROPTRACE_OP_LOAD:
	case DROPTRACE_OP_DIVU:
	case DROPTRACE_OP_DIVS:
	case DROPTRACE_OP_MODU:
	case DROPTRACE_OP_MODS:
		return fetch_read(run, insn, dst, src) ? at : -2;
	}
	fetch_compute(run, insn, dst, src);
	return at;
}

/**
 * droptrace_fetch_run() - run a program
 * @prog: the program
 * @fetch: what it can see, and where its values go
 *
 * Context: Any context, NMI-safe. Expects preemption to be off.
 * Return: register 0 at its end; 0 after a fault that no value took, or when it
 * was stopped.
 */
u64 droptrace_fetch_run(const struct droptrace_prog *prog, const struct droptrace_fetch *fetch)
{
	struct fetch_run run = {
		.fetch = fetch,
		.steps = DROPTRACE_FETCH_STEPS_MAX,
		.fault = -1,
	};
	enum droptrace_value_status status = DROPTRACE_VALUE_OK;
	s32 at = 0;

	while (at >= 0) {
		if (!run.steps) {
			status = DROPTRACE_VALUE_STEPS;
			break;
		}
		run.steps--;
		at = fetch_step(&run, prog->insns, at);
		if (at != -2)
			continue;
		if (fetch_puts_out(&run))
			droptrace_path_value_status(fetch->path, DROPTRACE_VALUE_FAULT);
		at = run.fault >= 0 ? run.fault : -2;
	}
	if (fetch_puts_out(&run)) {
		if (status != DROPTRACE_VALUE_OK)
			droptrace_path_value_status(fetch->path, status);
		droptrace_path_value_end(fetch->path);
	}
	return at == -1 ? run.regs[0] : 0;
}
