// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks fetch programs.  What can go wrong with values is found when one runs; here
 * is looked at form alone: operations, registers, sizes, and that no jump leads out.
 *
 * Process context.
 */
#include <linux/kernel.h>
#include <linux/limits.h>

#include "arch.h"
#include "fetch.h"

/* What stands in the fields of an instruction, beside the registers. */
enum fetch_form {
	FETCH_NOTHING = 1,
	FETCH_IMM,		/* a number */
	FETCH_WIDE,		/* the next instruction's place is a number */
	FETCH_REGISTER,		/* imm: register of the processor */
	FETCH_BINARY,		/* off: imm in place of src */
	FETCH_LOAD,		/* off: size, signed; imm: offset */
	FETCH_EXT,		/* off: size, signed */
	FETCH_BSWAP,		/* off: size, but for 1 */
	FETCH_JUMP,		/* off: where to */
	FETCH_ITEM,		/* the same; imm: number of the value */
	FETCH_OUT,		/* off: size */
	FETCH_BYTES,		/* imm: how many */
};

static const u8 fetch_forms[__DROPTRACE_OP_MAX] = {
	[DROPTRACE_OP_END] = FETCH_NOTHING,
	[DROPTRACE_OP_LDI] = FETCH_IMM,
	[DROPTRACE_OP_LDI64] = FETCH_WIDE,
	[DROPTRACE_OP_MOV] = FETCH_NOTHING,
	[DROPTRACE_OP_REG] = FETCH_REGISTER,
	[DROPTRACE_OP_ARG] = FETCH_REGISTER,
	[DROPTRACE_OP_SKB] = FETCH_NOTHING,
	[DROPTRACE_OP_TASK] = FETCH_NOTHING,
	[DROPTRACE_OP_PERCPU] = FETCH_NOTHING,
	[DROPTRACE_OP_LOAD] = FETCH_LOAD,
	[DROPTRACE_OP_ADD ... DROPTRACE_OP_LES] = FETCH_BINARY,
	[DROPTRACE_OP_NEG] = FETCH_NOTHING,
	[DROPTRACE_OP_NOT] = FETCH_NOTHING,
	[DROPTRACE_OP_EXT] = FETCH_EXT,
	[DROPTRACE_OP_BSWAP] = FETCH_BSWAP,
	[DROPTRACE_OP_JMP] = FETCH_JUMP,
	[DROPTRACE_OP_JZ] = FETCH_JUMP,
	[DROPTRACE_OP_JNZ] = FETCH_JUMP,
	[DROPTRACE_OP_ITEM] = FETCH_ITEM,
	[DROPTRACE_OP_OUT] = FETCH_OUT,
	[DROPTRACE_OP_OUT_MEM] = FETCH_BYTES,
	[DROPTRACE_OP_OUT_STR] = FETCH_BYTES,
};

static bool fetch_size_valid(s16 off, bool may_be_signed)
{
	if (may_be_signed)
		off &= ~DROPTRACE_OFF_SIGNED;
	return off == 1 || off == 2 || off == 4 || off == 8;
}

/* An instruction by itself; NULL if it is well-formed. */
static const char *fetch_check_form(const struct droptrace_insn *insn)
{
	s16 off = insn->off;
	s32 imm = insn->imm;
	bool ok;

	if (insn->op >= __DROPTRACE_OP_MAX)
		return "a fetch program has an unknown operation";
	switch (fetch_forms[insn->op]) {
	case FETCH_NOTHING:
	case FETCH_WIDE:
		ok = !off && !imm;
		break;
	case FETCH_IMM:
		ok = !off;
		break;
	case FETCH_REGISTER:
		if (imm < 0 || imm >= DROPTRACE_ARCH_REGS)
			return "a fetch program reads a register that there is not";
		ok = !off;
		break;
	case FETCH_BINARY:
		ok = off == DROPTRACE_OFF_IMM || (!off && !imm);
		break;
	case FETCH_LOAD:
		ok = fetch_size_valid(off, true);
		break;
	case FETCH_EXT:
		ok = fetch_size_valid(off, true) && !imm;
		break;
	case FETCH_BSWAP:
		ok = fetch_size_valid(off, false) && off != 1 && !imm;
		break;
	case FETCH_OUT:
		ok = fetch_size_valid(off, false) && !imm;
		break;
	case FETCH_JUMP:
		ok = !imm;
		break;
	case FETCH_ITEM:
		ok = imm >= 0 && imm <= U16_MAX;
		break;
	case FETCH_BYTES:
		if (imm < 1 || imm > DROPTRACE_ITEM_MAX)
			return "a fetch program puts out no byte, or more than 1016";
		ok = !off;
		break;
	default:
		ok = false;
	}
	return ok ? NULL : "an instruction of a fetch program is not well-formed";
}

/* Is this the number that the instruction before it loads? */
static bool fetch_is_number(const struct droptrace_insn *insns, u32 i)
{
	u32 wide = 0;

	/* Such instructions may follow each other as numbers: count the row. */
	while (wide < i && insns[i - 1 - wide].op == DROPTRACE_OP_LDI64)
		wide++;
	return wide & 1;
}

static const char *fetch_check_jump(const struct droptrace_insn *insns, u32 len, u32 i)
{
	s64 to = (s64)i + 1 + insns[i].off;

	if (to < 0 || to >= len)
		return "a fetch program jumps out of itself";
	if (fetch_is_number(insns, to))
		return "a fetch program jumps into a number";
	return NULL;
}

/**
 * droptrace_fetch_check() - is this a program
 * @insns: instructions, as they came from user space
 * @len: their number
 *
 * Context: Process context.
 * Return: NULL if it is, else what is wrong.
 */
const char *droptrace_fetch_check(const struct droptrace_insn *insns, u32 len)
{
	const char *wrong;
	u8 form, last = __DROPTRACE_OP_MAX;
	u32 i;

	for (i = 0; i < len; i++) {
		wrong = fetch_check_form(&insns[i]);
		if (wrong)
			return wrong;
		last = insns[i].op;
		form = fetch_forms[last];
		if (form == FETCH_JUMP || form == FETCH_ITEM)
			wrong = fetch_check_jump(insns, len, i);
		if (wrong)
			return wrong;
		if (form == FETCH_WIDE)
			i++;
	}
	/* Also where the number of the last instruction is missing. */
	if (i != len || (last != DROPTRACE_OP_END && last != DROPTRACE_OP_JMP))
		return "a fetch program does not end";
	return NULL;
}

/**
 * droptrace_fetch_prepare() - see whether a program can be had cheaper
 * @prog: checked; gets its @reg
 *
 * Context: Process context.
 */
void droptrace_fetch_prepare(struct droptrace_prog *prog)
{
	prog->reg = DROPTRACE_NO_REG;
	if (prog->len == 2 && prog->insns[0].op == DROPTRACE_OP_REG &&
	    !(prog->insns[0].regs & 0xf) && prog->insns[1].op == DROPTRACE_OP_END)
		prog->reg = prog->insns[0].imm;
}
