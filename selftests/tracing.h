/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Traces, points and paths, as tests ask for them and as the module sends them.
 *
 * There is no debug information in the machines that tests run in.  A function's
 * instructions are found by asking the module to arm a point at each of its bytes:
 * what it accepts begins an instruction.
 */
#ifndef TRACING_H
#define TRACING_H

#include <stdbool.h>
#include <stddef.h>

#include "client.h"

/* What a trace is asked to be; zeros leave an attribute out. */
struct trace {
	const char *name;
	const __u32 *filters;
	unsigned int nr_filters;
	bool owned;
	__u32 passing;
	__u32 path_size;
	bool has_snaplen;
	__u32 snaplen;
	const char *spec;
	__u32 expire;
};

struct trace_info {
	__u32 id;
	char name[DROPTRACE_NAME_MAX + 1];
	bool owned;
	__u8 live;
	__u32 passing;
	char spec[DROPTRACE_SPEC_MAX + 1];
	__u32 expire;
	__u64 age_ns;
	__u32 nr_points;
	__u32 nr_armed;
	__u32 nr_optimized;
	__u64 hits;
	__u64 missed;
	__u64 opened;
	__u64 kept;
	__u64 truncated;
	__u64 no_context;
};

struct point_info {
	__u32 trace;
	__u32 index;
	__u64 address;
	__u8 kind;
	__u8 state;
	__u8 optimized;
	__u32 error;
	__u64 hits;
	__u64 missed;
};

/* What is added to a trace, put together bit by bit. */
#define CODE_POINTS	2000
#define CODE_FRAMES	64
#define CODE_PROGS	64
#define CODE_INSNS	4096

struct code {
	struct droptrace_point points[CODE_POINTS];
	unsigned int nr_points;
	struct droptrace_frame frames[CODE_FRAMES];
	unsigned int nr_frames;
	__u32 lens[CODE_PROGS];
	unsigned int nr_progs;
	struct droptrace_insn insns[CODE_INSNS];
	unsigned int nr_insns;
};

#define INSN(_op, _dst, _src, _off, _imm)					\
	((struct droptrace_insn){ .op = DROPTRACE_OP_##_op,			\
				  .regs = (_dst) | (_src) << 4, .off = (_off), .imm = (_imm) })

/* DWARF numbers */
enum { RAX, RDX, RCX, RBX, RSI, RDI, RBP, RSP, R8, R9, R10, R11, R12, R13, R14, R15, RIP };

void code_begin(struct code *code);
__u32 code_prog(struct code *code, const struct droptrace_insn *insns, unsigned int len);
/* A program that yields a register. */
__u32 code_reg(struct code *code, unsigned int reg);
__u32 code_frame(struct code *code, __u64 entry, __u32 packet, __u32 flags);
__u32 code_point(struct code *code, __u64 address, __u32 frame, __u8 kind, __u8 reg, __u32 prog);
/* A function with its entry point, whose packet is in a register. */
__u32 code_function(struct code *code, __u64 entry, unsigned int reg, __u32 flags);

/* Operations; 0, an id or a number of refusals, or -errno. */
int client_trace_add(struct client *client, const struct trace *trace);
#define trace_add(client, ...) client_trace_add(client, &(struct trace){ __VA_ARGS__ })
int trace_del(struct client *client, __u32 id);
int trace_del_all(struct client *client);
int points_add(struct client *client, __u32 trace, const struct code *code);
int points_arm(struct client *client, __u32 trace, bool partial,
	       struct droptrace_refusal *refusals, size_t max);
/* The trace outlives its socket from now on. */
int trace_keep(struct client *client, __u32 trace);
/* Adds and arms; what is refused is no failure if @partial. */
int trace_arm(struct client *client, __u32 trace, const struct code *code, bool partial);
int client_traces(struct client *client, struct trace_info *infos, size_t max);
bool client_trace_info(struct client *client, __u32 id, struct trace_info *info);
int client_points(struct client *client, __u32 trace, struct point_info *infos, size_t max);

/* Reads /proc/kallsyms, once: best before the harness forks for each test. */
void symbols_load(void);

/* Start of a function, and of what follows it, as /proc/kallsyms has it; 0 without. */
__u64 symbol(const char *name);
__u64 symbol_end(const char *name);
/* A function's name in this kernel: @now where there is no @then. */
const char *renamed(const char *then, const char *now);
/* Of UDP, what finds the socket and what drops without one (7.x has merged some). */
#define UDP_RECEIVE renamed("__udp4_lib_rcv", "udp_rcv")
#define UDP_LOOKUP renamed("__udp4_lib_lookup", "udp4_lib_lookup2")
/* The same by the beginning of its name, for what compilers append. */
__u64 symbol_like(const char *begin);
/* Bytes of the kernel; false if they cannot be read. */
bool kernel_bytes(__u64 address, void *bytes, size_t len);

/* Is the instruction there, which begins there, a return from its function. */
bool code_returns(__u64 address);

/*
 * Which bytes of a function begin instructions that can be probed: their addresses,
 * in order. Asked from the module with a trace of its own.
 */
unsigned int instructions(struct client *client, const char *function, __u64 *addresses,
			  unsigned int max);

/* --- paths --- */

struct step {
	__u16 point;
	__u8 kind;
	__u32 len;		/* bytes that follow */
	const __u8 *data;
};

#define PATH_BYTES	(DROPTRACE_PATH_MAX + 4096)

struct path {
	__u32 trace;
	__u64 context;
	__u32 chunks;
	__u32 flags;		/* of the last chunk */
	__u64 time_ns;
	struct event packet;
	bool has_packet;
	bool whole;		/* the last chunk came */
	bool malformed;
	__u8 *bytes;
	size_t len;
	struct step *steps;	/* once it is whole */
	unsigned int nr_steps;
};

struct gone {
	__u32 trace;
	__u32 nr_points;
	char module[64];
};

/* Collects what a client is sent. */
struct paths {
	struct path *of;
	size_t nr;
	size_t max;		/* further ones are only counted */
	__u64 whole;		/* paths whose last chunk came */
	struct gone gone[8];
	unsigned int nr_gone;
	/* called instead of keeping a whole path, or NULL */
	void (*each)(void *arg, const struct path *path);
	void *arg;
};

void paths_begin(struct paths *paths, struct client *client, size_t max);
void paths_end(struct paths *paths, struct client *client);
/* True once so many whole paths have come. */
bool paths_await(struct paths *paths, struct client *client, __u64 nr);
bool paths_await_gone(struct paths *paths, struct client *client, unsigned int nr);

/* Steps as text: "E0 B1 X2=-22 D ..." for comparison; static. */
const char *path_text(const struct path *path);
unsigned int path_count(const struct path *path, __u8 kind);
const struct step *path_find(const struct path *path, __u8 kind, unsigned int nth);
__u64 step_u64(const __u32 words[2]);
/* The register that a BLOCK or EXIT step kept. */
__u64 step_reg(const struct step *step);

#endif /* TRACING_H */
