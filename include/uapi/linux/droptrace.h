/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * droptrace: the generic netlink interface between droptrace.ko and its
 * clients.  include/netlink/droptrace.yaml describes the same interface for
 * YNL, with a text for every attribute; a selftest holds the two and the
 * policy of the running module against each other.
 *
 * Only additions are allowed.  A change that an old client would misread
 * raises DROPTRACE_GENL_VERSION, which a client compares before anything else.
 *
 * Numbers are in host byte order.  Every operation needs CAP_SYS_ADMIN and
 * CAP_NET_ADMIN in the initial user namespace.
 */
#ifndef _UAPI_LINUX_DROPTRACE_H
#define _UAPI_LINUX_DROPTRACE_H

#include <linux/types.h>

#define DROPTRACE_GENL_NAME		"droptrace"
/* A build may set another version, so that a test can show the refusal. */
#ifndef DROPTRACE_GENL_VERSION
#define DROPTRACE_GENL_VERSION		1
#endif

/* Limits; a request beyond one of them is refused, never cut. */
#define DROPTRACE_FILTERS_MAX		64	/* filters at a time */
#define DROPTRACE_SESSIONS_MAX		64	/* sockets that stream or own something */
#define DROPTRACE_NAME_MAX		31	/* bytes of a filter's name */
#define DROPTRACE_EXPR_MAX		1023	/* bytes of an expression's text */
#define DROPTRACE_PROG_MAX		4096	/* instructions of a filter program */
#define DROPTRACE_REASONS_MAX		64	/* drop reasons of a filter */
#define DROPTRACE_RANGES_MAX		64	/* address ranges of a filter */
#define DROPTRACE_SNAPLEN_MAX		3072	/* bytes kept of a packet */
#define DROPTRACE_STACK_MAX		64	/* return addresses kept of a stack */
#define DROPTRACE_RATE_MAX		1000000	/* events per second of a filter */
#define DROPTRACE_RING_MIN		(1U << 14)	/* bytes per CPU */
#define DROPTRACE_RING_MAX		(1U << 28)
#define DROPTRACE_TRACES_MAX		64	/* traces at a time */
#define DROPTRACE_POINTS_MAX		8192	/* points of a trace */
#define DROPTRACE_FRAMES_MAX		1024	/* functions of a trace */
#define DROPTRACE_FETCH_MAX		65536	/* instructions of all its fetch programs */
#define DROPTRACE_FETCH_STEPS_MAX	4096	/* instructions that one run may execute */
#define DROPTRACE_ITEM_MAX		1016	/* bytes of one value */
#define DROPTRACE_PATH_MIN		(1U << 12)	/* bytes kept of a path */
#define DROPTRACE_SPEC_MAX		4095	/* bytes that a client may keep with a trace */
#define DROPTRACE_EXPIRE_MAX		31536000	/* seconds after which a trace goes */
#define DROPTRACE_PATH_MAX		(1U << 18)

/* Values that hold where a request leaves the attribute out. */
#define DROPTRACE_SNAPLEN_DEFAULT	128
#define DROPTRACE_RING_DEFAULT		(1U << 21)
#define DROPTRACE_PATH_DEFAULT		(1U << 14)

enum {
	DROPTRACE_CMD_STATUS_GET = 1,
	DROPTRACE_CMD_FILTER_ADD,
	DROPTRACE_CMD_FILTER_DEL,
	DROPTRACE_CMD_FILTER_GET,
	DROPTRACE_CMD_SESSION_START,
	DROPTRACE_CMD_SESSION_STOP,
	DROPTRACE_CMD_SESSION_GET,
	DROPTRACE_CMD_SESSION_NTF,
	DROPTRACE_CMD_SESSION_END_NTF,
	DROPTRACE_CMD_COUNTER_SET,
	DROPTRACE_CMD_COUNTER_GET,
	DROPTRACE_CMD_TRACE_ADD,
	DROPTRACE_CMD_TRACE_DEL,
	DROPTRACE_CMD_TRACE_GET,
	DROPTRACE_CMD_POINT_ADD,
	DROPTRACE_CMD_POINT_ARM,
	DROPTRACE_CMD_POINT_GET,

	__DROPTRACE_CMD_MAX,
	DROPTRACE_CMD_MAX = (__DROPTRACE_CMD_MAX - 1)
};

/* What the running kernel and module offer: DROPTRACE_A_STATUS_FEATURES. */
enum droptrace_feature {
	DROPTRACE_FEATURE_REASON = 1,		/* the tracepoint gives a drop reason */
	DROPTRACE_FEATURE_RX_SK = 2,		/* ... and the receiving socket */
	DROPTRACE_FEATURE_ADDRESSES = 4,	/* this client may see kernel addresses */
	DROPTRACE_FEATURE_POINTS = 8,		/* line paths can be traced */
};

enum {
	DROPTRACE_A_STATUS_MODULE_VERSION = 1,
	DROPTRACE_A_STATUS_ABI,
	DROPTRACE_A_STATUS_FEATURES,
	DROPTRACE_A_STATUS_UPTIME_NS,
	DROPTRACE_A_STATUS_PROBE_ARMED,
	DROPTRACE_A_STATUS_COUNTING,
	DROPTRACE_A_STATUS_SESSIONS,
	DROPTRACE_A_STATUS_FILTERS,
	DROPTRACE_A_STATUS_OBJECTS,
	DROPTRACE_A_STATUS_PRODUCED,
	DROPTRACE_A_STATUS_DELIVERED,
	DROPTRACE_A_STATUS_LOSS,
	DROPTRACE_A_STATUS_PAD,

	__DROPTRACE_A_STATUS_MAX,
	DROPTRACE_A_STATUS_MAX = (__DROPTRACE_A_STATUS_MAX - 1)
};

/* One counter for every way to miss something, in events. */
enum {
	DROPTRACE_A_LOSS_RING_FULL = 1,
	DROPTRACE_A_LOSS_UNDELIVERED,
	DROPTRACE_A_LOSS_RECURSION,
	DROPTRACE_A_LOSS_RATE_LIMITED,
	DROPTRACE_A_LOSS_PAD,
	DROPTRACE_A_LOSS_POINT_MISSED,
	DROPTRACE_A_LOSS_NO_CONTEXT,

	__DROPTRACE_A_LOSS_MAX,
	DROPTRACE_A_LOSS_MAX = (__DROPTRACE_A_LOSS_MAX - 1)
};

/*
 * A filter program is classic BPF over the packet from its network header on:
 * offset 0 is the first byte of the IPv4, IPv6, ARP, ... header, wherever the
 * packet was met.  A load beyond the packet ends the program with "no match".
 * Of the ancillary loads (SKF_AD_OFF) these are allowed, and mean:
 *   PROTOCOL			EtherType behind all VLAN tags, 0 if unknown
 *   VLAN_TAG_PRESENT		1 if the packet has a VLAN tag, in line or not
 *   VLAN_TPID, VLAN_TAG	the outer tag, 0 without one
 *   RXHASH, QUEUE		TPID and TCI of the second tag, 0 without one
 *   PKTTYPE, MARK		as in a socket filter
 * Loads at SKF_LL_OFF read the Ethernet header, where there is one.
 */
enum {
	DROPTRACE_A_FILTER_ID = 1,
	DROPTRACE_A_FILTER_NAME,
	DROPTRACE_A_FILTER_EXPR,
	DROPTRACE_A_FILTER_PROG,
	DROPTRACE_A_FILTER_INNER_EXPR,
	DROPTRACE_A_FILTER_INNER_PROG,
	DROPTRACE_A_FILTER_DEV,
	DROPTRACE_A_FILTER_NETNS,
	DROPTRACE_A_FILTER_MARK,
	DROPTRACE_A_FILTER_MARK_MASK,
	DROPTRACE_A_FILTER_REASONS,
	DROPTRACE_A_FILTER_FUNCTION,
	DROPTRACE_A_FILTER_RANGES,
	DROPTRACE_A_FILTER_EXCLUDE,
	DROPTRACE_A_FILTER_OWNED,
	DROPTRACE_A_FILTER_SNAPLEN,
	DROPTRACE_A_FILTER_RATE,
	DROPTRACE_A_FILTER_COUNT,
	DROPTRACE_A_FILTER_ALL,
	DROPTRACE_A_FILTER_STALE,
	DROPTRACE_A_FILTER_HITS,
	DROPTRACE_A_FILTER_RATE_LIMITED,
	DROPTRACE_A_FILTER_ERRORS,
	DROPTRACE_A_FILTER_PAD,

	__DROPTRACE_A_FILTER_MAX,
	DROPTRACE_A_FILTER_MAX = (__DROPTRACE_A_FILTER_MAX - 1)
};

/* Why a session ended: DROPTRACE_A_SESSION_END_CAUSE. */
enum droptrace_end {
	DROPTRACE_END_STOPPED = 1,	/* the client asked */
	DROPTRACE_END_UNLOADED,		/* the module is going away */
};

enum {
	DROPTRACE_A_SESSION_ID = 1,
	DROPTRACE_A_SESSION_PORTID,
	DROPTRACE_A_SESSION_PID,
	DROPTRACE_A_SESSION_COMM,
	DROPTRACE_A_SESSION_RING_SIZE,
	DROPTRACE_A_SESSION_SNAPLEN,
	DROPTRACE_A_SESSION_STACK_DEPTH,
	DROPTRACE_A_SESSION_FILTERS,
	DROPTRACE_A_SESSION_STREAMING,
	DROPTRACE_A_SESSION_PRODUCED,
	DROPTRACE_A_SESSION_DELIVERED,
	DROPTRACE_A_SESSION_LOSS,
	DROPTRACE_A_SESSION_EVENT,
	DROPTRACE_A_SESSION_END_CAUSE,
	DROPTRACE_A_SESSION_PAD,
	DROPTRACE_A_SESSION_PATHS,
	DROPTRACE_A_SESSION_PATH,
	DROPTRACE_A_SESSION_GONE,

	__DROPTRACE_A_SESSION_MAX,
	DROPTRACE_A_SESSION_MAX = (__DROPTRACE_A_SESSION_MAX - 1)
};

enum {
	DROPTRACE_A_EVENT_TIME_NS = 1,
	DROPTRACE_A_EVENT_CPU,
	DROPTRACE_A_EVENT_SKB,
	DROPTRACE_A_EVENT_REASON,
	DROPTRACE_A_EVENT_LOCATION,
	DROPTRACE_A_EVENT_SYMBOL,
	DROPTRACE_A_EVENT_FILTERS,
	DROPTRACE_A_EVENT_DEV,
	DROPTRACE_A_EVENT_IFINDEX,
	DROPTRACE_A_EVENT_NETNS,
	DROPTRACE_A_EVENT_MARK,
	DROPTRACE_A_EVENT_LEN,
	DROPTRACE_A_EVENT_PROTOCOL,
	DROPTRACE_A_EVENT_L3_PROTOCOL,
	DROPTRACE_A_EVENT_VLAN_TPID,
	DROPTRACE_A_EVENT_VLAN_TCI,
	DROPTRACE_A_EVENT_PKT_TYPE,
	DROPTRACE_A_EVENT_L3_OFFSET,
	DROPTRACE_A_EVENT_L4_OFFSET,
	DROPTRACE_A_EVENT_PACKET,
	DROPTRACE_A_EVENT_PID,
	DROPTRACE_A_EVENT_COMM,
	DROPTRACE_A_EVENT_STACK,
	DROPTRACE_A_EVENT_PAD,
	DROPTRACE_A_EVENT_CONTEXT,

	__DROPTRACE_A_EVENT_MAX,
	DROPTRACE_A_EVENT_MAX = (__DROPTRACE_A_EVENT_MAX - 1)
};

enum {
	DROPTRACE_A_COUNTER_ENABLE = 1,
	DROPTRACE_A_COUNTER_OWNED,
	DROPTRACE_A_COUNTER_RESET,
	DROPTRACE_A_COUNTER_LOCATION,
	DROPTRACE_A_COUNTER_SYMBOL,
	DROPTRACE_A_COUNTER_REASON,
	DROPTRACE_A_COUNTER_NETNS,
	DROPTRACE_A_COUNTER_IFINDEX,
	DROPTRACE_A_COUNTER_DEV,
	DROPTRACE_A_COUNTER_PROTOCOL,
	DROPTRACE_A_COUNTER_PACKETS,
	DROPTRACE_A_COUNTER_BYTES,
	DROPTRACE_A_COUNTER_OVERFLOW,
	DROPTRACE_A_COUNTER_SINCE_NS,
	DROPTRACE_A_COUNTER_PAD,

	__DROPTRACE_A_COUNTER_MAX,
	DROPTRACE_A_COUNTER_MAX = (__DROPTRACE_A_COUNTER_MAX - 1)
};

/*
 * A trace follows packets through functions.  It has frames (the functions),
 * points (places in their code) and fetch programs (values read there), added in
 * any number of requests and then armed.
 */
enum {
	DROPTRACE_A_TRACE_ID = 1,
	DROPTRACE_A_TRACE_NAME,
	DROPTRACE_A_TRACE_FILTERS,	/* ids; without: every packet */
	DROPTRACE_A_TRACE_OWNED,	/* goes with the socket */
	DROPTRACE_A_TRACE_PASSING,	/* paths to keep of packets that were not dropped */
	DROPTRACE_A_TRACE_PATH_SIZE,	/* bytes kept of a path */
	DROPTRACE_A_TRACE_SNAPLEN,
	DROPTRACE_A_TRACE_ALL,
	DROPTRACE_A_TRACE_FRAMES,	/* request: array of struct droptrace_frame */
	DROPTRACE_A_TRACE_POINTS,	/* request: array of struct droptrace_point */
	DROPTRACE_A_TRACE_PROGS,	/* request: lengths, then instructions; see below */
	DROPTRACE_A_TRACE_PARTIAL,	/* arm what can be armed, report the rest */
	DROPTRACE_A_TRACE_REFUSED,	/* reply: array of struct droptrace_refusal */
	DROPTRACE_A_TRACE_LIVE,
	DROPTRACE_A_TRACE_NR_POINTS,
	DROPTRACE_A_TRACE_NR_ARMED,
	DROPTRACE_A_TRACE_NR_OPTIMIZED,
	DROPTRACE_A_TRACE_HITS,
	DROPTRACE_A_TRACE_MISSED,
	DROPTRACE_A_TRACE_OPENED,	/* contexts */
	DROPTRACE_A_TRACE_KEPT,		/* ... of which paths were recorded */
	DROPTRACE_A_TRACE_TRUNCATED,
	DROPTRACE_A_TRACE_NO_CONTEXT,
	DROPTRACE_A_TRACE_MODULE,	/* name of a module that went away */
	DROPTRACE_A_TRACE_SPEC,		/* kept for clients, who alone know what it means */
	DROPTRACE_A_TRACE_EXPIRE,	/* seconds after which it goes */
	DROPTRACE_A_TRACE_KEEP,		/* it stays from now on */
	DROPTRACE_A_TRACE_AGE_NS,
	DROPTRACE_A_TRACE_TRAPS,	/* points stay breakpoints */
	DROPTRACE_A_TRACE_PAD,

	__DROPTRACE_A_TRACE_MAX,
	DROPTRACE_A_TRACE_MAX = (__DROPTRACE_A_TRACE_MAX - 1)
};

enum {
	DROPTRACE_A_POINT_TRACE = 1,
	DROPTRACE_A_POINT_INDEX,
	DROPTRACE_A_POINT_ADDRESS,
	DROPTRACE_A_POINT_KIND,
	DROPTRACE_A_POINT_STATE,	/* enum droptrace_point_state */
	DROPTRACE_A_POINT_OPTIMIZED,
	DROPTRACE_A_POINT_ERROR,	/* errno, positive */
	DROPTRACE_A_POINT_HITS,
	DROPTRACE_A_POINT_MISSED,
	DROPTRACE_A_POINT_PAD,

	__DROPTRACE_A_POINT_MAX,
	DROPTRACE_A_POINT_MAX = (__DROPTRACE_A_POINT_MAX - 1)
};

/* A path arrives in chunks of at most a ring page; the first has the packet. */
enum {
	DROPTRACE_A_PATH_TRACE = 1,
	DROPTRACE_A_PATH_CONTEXT,	/* u64, never used twice */
	DROPTRACE_A_PATH_CHUNK,		/* 0, 1, ... */
	DROPTRACE_A_PATH_FLAGS,		/* enum droptrace_path_flag */
	DROPTRACE_A_PATH_TIME_NS,
	DROPTRACE_A_PATH_EVENT,		/* the packet when it was met: event attributes */
	DROPTRACE_A_PATH_STEPS,		/* struct droptrace_step with what follows each */
	DROPTRACE_A_PATH_PAD,

	__DROPTRACE_A_PATH_MAX,
	DROPTRACE_A_PATH_MAX = (__DROPTRACE_A_PATH_MAX - 1)
};

enum droptrace_path_flag {
	DROPTRACE_PATH_LAST = 1,	/* the last chunk */
	DROPTRACE_PATH_TRUNCATED = 2,	/* the path outgrew its room */
	DROPTRACE_PATH_DROPPED = 4,
	DROPTRACE_PATH_DEEP = 8,	/* frames were nested too deeply, and left out */
	DROPTRACE_PATH_MISSED = 16,	/* points may have been missed on the way */
};

enum droptrace_frame_flag {
	DROPTRACE_FRAME_ROOT = 1,	/* opens a context when its packet matches */
	DROPTRACE_FRAME_LIST = 2,	/* the program yields a list of packets */
	DROPTRACE_FRAME_ANY = 4,	/* opens one whatever the packet, which is known later */
};

#define DROPTRACE_NONE	0xffffffffU	/* no program */
#define DROPTRACE_NO_REG 0xff

/**
 * struct droptrace_frame - a function to follow packets through
 * @entry: where it begins
 * @packet: program that yields its packet (in register 0) at the entry, or DROPTRACE_NONE
 * @flags: enum droptrace_frame_flag
 *
 * Frames, points and programs are numbered from 0 in the order they are added.
 */
struct droptrace_frame {
	__u64 entry;
	__u32 packet;
	__u32 flags;
};

enum droptrace_point_kind {
	DROPTRACE_POINT_ENTRY,	/* the arguments are in their registers */
	DROPTRACE_POINT_BLOCK,
	DROPTRACE_POINT_EXIT,	/* the frame ends */
};

enum droptrace_point_state {
	DROPTRACE_POINT_ADDED,
	DROPTRACE_POINT_ARMED,
	DROPTRACE_POINT_REFUSED,
	DROPTRACE_POINT_GONE,	/* its module was unloaded */
};

/**
 * struct droptrace_point - a place in a function's code
 * @address: of an instruction
 * @prog: program to run there, or DROPTRACE_NONE
 * @frame: the function
 * @sp_offset: bytes from the stack pointer there up to the return address; for entries
 * @kind: enum droptrace_point_kind
 * @reg: register to keep (DWARF number), or DROPTRACE_NO_REG
 * @reserved: zero
 */
struct droptrace_point {
	__u64 address;
	__u32 prog;
	__u16 frame;
	__s16 sp_offset;
	__u8 kind;
	__u8 reg;
	__u8 reserved[6];
};

/**
 * struct droptrace_refusal - a point that could not be armed
 * @point: which
 * @error: errno, positive
 * @reason: enum droptrace_refusal_reason
 */
struct droptrace_refusal {
	__u32 point;
	__u16 error;
	__u16 reason;
};

enum droptrace_refusal_reason {
	DROPTRACE_REFUSED_OTHER,	/* see the error */
	DROPTRACE_REFUSED_NOT_TEXT,	/* no kernel code there (any more) */
	DROPTRACE_REFUSED_OWN,		/* our own code */
	DROPTRACE_REFUSED_BLACKLIST,
	DROPTRACE_REFUSED_BOUNDARY,	/* inside of an instruction */
	DROPTRACE_REFUSED_INSTRUCTION,	/* the kernel does not probe this one */
	DROPTRACE_REFUSED_GONE,		/* the module is being unloaded */
};

enum droptrace_step_kind {
	DROPTRACE_STEP_ENTER,	/* struct droptrace_step_enter */
	DROPTRACE_STEP_BLOCK,	/* u64 register, if the point keeps one */
	DROPTRACE_STEP_EXIT,	/* the same */
	DROPTRACE_STEP_VALUE,	/* struct droptrace_step_value, then its bytes */
	DROPTRACE_STEP_DROP,	/* struct droptrace_step_drop; point is 0xffff */
	DROPTRACE_STEP_LOST_FRAME, /* a frame that ended unseen */
};

/**
 * struct droptrace_step - begins each step of a path; 4-byte aligned
 * @point: index of the point
 * @kind: enum droptrace_step_kind
 * @words: of 4 bytes that follow
 */
struct droptrace_step {
	__u16 point;
	__u8 kind;
	__u8 words;
};

/* u64 as two words, so that a step needs no more alignment than 4. */
struct droptrace_step_enter {
	__u32 skb[2];		/* the packet of the function, 0 if it has none of its own */
	__u32 sp[2];
	__u32 delta_ns;		/* since the context was opened */
	__u32 flags;
	__u32 args[6][2];	/* registers of the first six arguments */
};

struct droptrace_step_value {
	__u16 item;
	__u8 status;		/* enum droptrace_value_status */
	__u8 padding;		/* bytes of 0 at the end that are none of its own */
};

enum droptrace_value_status {
	DROPTRACE_VALUE_OK,
	DROPTRACE_VALUE_FAULT,	/* memory that cannot be read; what was read before follows */
	DROPTRACE_VALUE_CUT,	/* more than DROPTRACE_ITEM_MAX bytes */
	DROPTRACE_VALUE_STEPS,	/* more than DROPTRACE_FETCH_STEPS_MAX */
};

struct droptrace_step_drop {
	__u32 skb[2];
	__u32 location[2];
	__u32 reason;
	__u32 reserved;
};

/**
 * struct droptrace_insn - an instruction of a fetch program
 * @op: enum droptrace_op
 * @regs: destination in the low four bits, source in the high: 16 registers of 64 bits
 * @off: see the operation
 * @imm: see the operation
 *
 * A program cannot write but to its registers and its output. DROPTRACE_A_TRACE_PROGS
 * is a __u32 number of programs, then a __u32 length (instructions) of each, padded
 * to 8 bytes, then the instructions of all.
 */
struct droptrace_insn {
	__u8 op;
	__u8 regs;
	__s16 off;
	__s32 imm;
};

/* Operands of arithmetic: dst and src, or, with DROPTRACE_OFF_IMM in off, dst and imm. */
#define DROPTRACE_OFF_IMM	1
/* Sizes stand in the low byte of off: 1, 2, 4 or 8. */
#define DROPTRACE_OFF_SIGNED	0x100

enum droptrace_op {
	DROPTRACE_OP_END,
	DROPTRACE_OP_LDI,	/* dst = imm, sign-extended */
	DROPTRACE_OP_LDI64,	/* dst = the 8 bytes of the next instruction's place */
	DROPTRACE_OP_MOV,	/* dst = src */
	DROPTRACE_OP_REG,	/* dst = register imm (DWARF number) at the point */
	DROPTRACE_OP_ARG,	/* dst = register imm at the frame's entry; fault if not kept */
	DROPTRACE_OP_SKB,	/* dst = the frame's packet, 0 if not known */
	DROPTRACE_OP_TASK,	/* dst = the running task */
	DROPTRACE_OP_PERCPU,	/* dst += offset of this CPU's area */
	DROPTRACE_OP_LOAD,	/* dst = memory at src + imm; off: size, signed */
	DROPTRACE_OP_ADD,
	DROPTRACE_OP_SUB,
	DROPTRACE_OP_MUL,
	DROPTRACE_OP_DIVU,	/* division by 0: fault */
	DROPTRACE_OP_DIVS,
	DROPTRACE_OP_MODU,
	DROPTRACE_OP_MODS,
	DROPTRACE_OP_AND,
	DROPTRACE_OP_OR,
	DROPTRACE_OP_XOR,
	DROPTRACE_OP_SHL,	/* counts of 64 and more give 0 (SAR: the sign) */
	DROPTRACE_OP_SHR,
	DROPTRACE_OP_SAR,
	DROPTRACE_OP_EQ,	/* dst = dst == src */
	DROPTRACE_OP_NE,
	DROPTRACE_OP_LTU,
	DROPTRACE_OP_LTS,
	DROPTRACE_OP_LEU,
	DROPTRACE_OP_LES,
	DROPTRACE_OP_NEG,
	DROPTRACE_OP_NOT,
	DROPTRACE_OP_EXT,	/* dst cut to a size and extended again; off: size, signed */
	DROPTRACE_OP_BSWAP,	/* dst; off: size */
	DROPTRACE_OP_JMP,	/* to the next instruction + off; backwards, too */
	DROPTRACE_OP_JZ,	/* if dst is 0 */
	DROPTRACE_OP_JNZ,
	DROPTRACE_OP_ITEM,	/* what follows belongs to value imm; off: where a fault goes on */
	DROPTRACE_OP_OUT,	/* append the low bytes of src; off: size */
	DROPTRACE_OP_OUT_MEM,	/* append imm bytes of memory at src */
	DROPTRACE_OP_OUT_STR,	/* append a string at src, imm bytes at most, with its 0 byte */

	__DROPTRACE_OP_MAX
};

#endif /* _UAPI_LINUX_DROPTRACE_H */
