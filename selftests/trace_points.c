// SPDX-License-Identifier: GPL-2.0-only
/* timeout: 600 */
/*
 * Requests about traces and points: which are refused, with what words; what fetch
 * programs are let in, and that those which are do no harm; points that the kernel
 * or the module refuses.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "tracing.h"
#include "traffic.h"

#define PORT 4321

FIXTURE(trace)
{
	struct client client;
	struct code code;
	int id;
};

FIXTURE_SETUP(trace)
{
	net_isolate();
	client_open(&self->client);
	ASSERT_TRUE(client_await_idle(&self->client));
	self->id = trace_add(&self->client, .owned = true);
	ASSERT_LT(0, self->id);
	code_begin(&self->code);
}

FIXTURE_TEARDOWN(trace)
{
	struct client watcher;

	client_close(&self->client);
	client_open(&watcher);
	trace_del_all(&watcher);
	EXPECT_TRUE(client_await_idle(&watcher));
	client_close(&watcher);
}

#define REFUSED(err, attr, words, call)						\
do {										\
	EXPECT_EQ(-(err), call);						\
	EXPECT_STREQ(words, self->client.text);					\
	EXPECT_EQ(attr, self->client.blamed);					\
} while (0)

#define AT(_attr) DROPTRACE_A_TRACE_##_attr

TEST_F(trace, is_refused_what_cannot_be)
{
	struct client other;
	__u32 none = 99999, filter, owned;

	REFUSED(EINVAL, AT(NAME), "a name is a letter and then letters, digits or ._-",
		trace_add(&self->client, .name = "1st"));
	ASSERT_LT(0, trace_add(&self->client, .name = "same", .owned = true));
	REFUSED(EEXIST, AT(NAME), "a trace of that name exists",
		trace_add(&self->client, .name = "same"));
	REFUSED(ENOENT, AT(FILTERS), "no such filter",
		trace_add(&self->client, .filters = &none, .nr_filters = 1));
	REFUSED(EINVAL, AT(FILTERS), "not a whole number of filter ids",
		trace_add(&self->client, .filters = &none, .nr_filters = 0));
	filter = filter_add(&self->client, .exclude = true, .owned = true);
	REFUSED(EINVAL, AT(FILTERS), "an excluding filter applies to every trace by itself",
		trace_add(&self->client, .filters = &filter, .nr_filters = 1));
	owned = filter_add(&self->client, .owned = true);
	REFUSED(EINVAL, AT(FILTERS), "a trace that stays cannot go by a filter that is owned",
		trace_add(&self->client, .filters = &owned, .nr_filters = 1));
	EXPECT_EQ(-ERANGE, trace_add(&self->client, .path_size = DROPTRACE_PATH_MIN - 1));
	EXPECT_EQ(AT(PATH_SIZE), self->client.blamed);
	EXPECT_EQ(-ERANGE, trace_add(&self->client, .path_size = DROPTRACE_PATH_MAX + 1));
	EXPECT_EQ(-ERANGE, trace_add(&self->client, .has_snaplen = true,
				     .snaplen = DROPTRACE_SNAPLEN_MAX + 1));
	REFUSED(ENOENT, AT(ID), "no such trace", trace_del(&self->client, 99999));
	REFUSED(ENOENT, AT(ID), "no such trace", points_add(&self->client, 99999, &self->code));
	REFUSED(EINVAL, AT(ID), "the trace has no points",
		points_arm(&self->client, self->id, false, NULL, 0));

	client_open(&other);
	EXPECT_EQ(-EPERM, points_add(&other, self->id, &self->code));
	EXPECT_STREQ("this trace belongs to another socket", other.text);
	EXPECT_EQ(-EPERM, points_arm(&other, self->id, false, NULL, 0));
	EXPECT_EQ(-ENOENT, session_start(&other, .has_paths = true, .paths = (__u32 *)&self->id,
					 .nr_paths = 1));
	EXPECT_STREQ("no such trace", other.text);
	client_close(&other);
}

TEST_F(trace, no_more_than_64)
{
	int i;

	for (i = 1; i < DROPTRACE_TRACES_MAX; i++)
		ASSERT_LT(0, trace_add(&self->client, .owned = true, .path_size = 4096));
	REFUSED(ENOSPC, 0, "there are 64 traces already",
		trace_add(&self->client, .path_size = 4096));
	/* the place of one that is gone is free */
	EXPECT_EQ(0, trace_del(&self->client, self->id));
	EXPECT_LT(0, trace_add(&self->client, .owned = true, .path_size = 4096));
}

static void with_frame(struct code *code)
{
	code_begin(code);
	code_frame(code, symbol("ip_rcv"), code_reg(code, RDI), DROPTRACE_FRAME_ROOT);
	code_point(code, symbol("ip_rcv"), 0, DROPTRACE_POINT_ENTRY, DROPTRACE_NO_REG,
		   DROPTRACE_NONE);
}

#define WRONG(_change, _attr, _words)						\
do {										\
	with_frame(&self->code);						\
	_change;								\
	REFUSED(EINVAL, _attr, _words, points_add(&self->client, self->id, &self->code)); \
} while (0)

TEST_F(trace, adds_all_or_nothing)
{
	struct droptrace_point *point = &self->code.points[0];
	struct droptrace_frame *frame = &self->code.frames[0];
	struct trace_info info;

	WRONG(frame->flags = 8, AT(FRAMES), "a frame has an unknown flag");
	WRONG(frame->packet = 1, AT(FRAMES), "a frame names a program that there is not");
	WRONG((frame->packet = DROPTRACE_NONE, frame->flags = DROPTRACE_FRAME_LIST), AT(FRAMES),
	      "a frame has a list, but no program that yields it");
	WRONG(frame->packet = DROPTRACE_NONE, AT(FRAMES),
	      "a root has no program that yields its packet");
	WRONG(point->kind = 3, AT(POINTS), "a point is of an unknown kind");
	WRONG(point->frame = 1, AT(POINTS), "a point names a frame that there is not");
	WRONG(point->prog = 1, AT(POINTS), "a point names a program that there is not");
	WRONG(point->reg = 17, AT(POINTS), "a point keeps a register that there is not");
	WRONG(point->sp_offset = -8, AT(POINTS), "a point's stack offset is out of range");
	WRONG(point->sp_offset = 1032, AT(POINTS), "a point's stack offset is out of range");
	WRONG((point->sp_offset = 8, point->kind = DROPTRACE_POINT_BLOCK), AT(POINTS),
	      "a point's stack offset is out of range");
	WRONG(point->reserved[5] = 1, AT(POINTS), "a point has reserved bytes that are not zero");
	WRONG(self->code.lens[0] = 3, AT(PROGS), "the programs are not as long as they say");
	WRONG(self->code.lens[0] = 0, AT(PROGS), "the programs are not as long as they say");
	WRONG(self->code.lens[0] = 0xffffffff, AT(PROGS),
	      "the programs are not as long as they say");
	ASSERT_TRUE(client_trace_info(&self->client, self->id, &info));
	EXPECT_EQ(0, info.nr_points);
	with_frame(&self->code);
	EXPECT_EQ(0, points_add(&self->client, self->id, &self->code));
}

/* --- fetch programs --- */

struct bad {
	struct droptrace_insn insns[4];
	unsigned int len;
	const char *words;
};

#define FORM "an instruction of a fetch program is not well-formed"
#define REG_ "a fetch program reads a register that there is not"
#define END_ "a fetch program does not end"
#define JUMP "a fetch program jumps out of itself"
#define BYTES "a fetch program puts out no byte, or more than 1016"
#define E INSN(END, 0, 0, 0, 0)

static const struct bad bad[] = {
	{ { { .op = __DROPTRACE_OP_MAX }, E }, 2, "a fetch program has an unknown operation" },
	{ { { .op = 255 }, E }, 2, "a fetch program has an unknown operation" },
	{ { INSN(LDI, 0, 0, 0, 1) }, 1, END_ },
	{ { INSN(LDI64, 0, 0, 0, 0) }, 1, END_ },
	{ { INSN(LDI64, 0, 0, 0, 0), E }, 2, END_ },
	{ { E, INSN(LDI64, 0, 0, 0, 0) }, 2, END_ },
	{ { INSN(JZ, 0, 0, -1, 0) }, 1, END_ },
	{ { INSN(JMP, 0, 0, -2, 0) }, 1, JUMP },
	{ { INSN(JMP, 0, 0, 0, 0) }, 1, JUMP },
	{ { INSN(JNZ, 0, 0, 1, 0), E }, 2, JUMP },
	{ { INSN(JZ, 0, 0, 32767, 0), E }, 2, JUMP },
	{ { INSN(JMP, 0, 0, -32768, 0), E }, 2, JUMP },
	{ { INSN(ITEM, 0, 0, 5, 0), E }, 2, JUMP },
	{ { INSN(JMP, 0, 0, 1, 0), INSN(LDI64, 0, 0, 0, 0), E, E }, 4,
	  "a fetch program jumps into a number" },
	{ { INSN(JMP, 0, 0, 0, 1), E }, 2, FORM },
	{ { INSN(REG, 0, 0, 0, 17), E }, 2, REG_ },
	{ { INSN(REG, 0, 0, 0, -1), E }, 2, REG_ },
	{ { INSN(ARG, 0, 0, 0, 17), E }, 2, REG_ },
	{ { INSN(LOAD, 0, 0, 0, 0), E }, 2, FORM },
	{ { INSN(LOAD, 0, 0, 3, 0), E }, 2, FORM },
	{ { INSN(LOAD, 0, 0, 16, 0), E }, 2, FORM },
	{ { INSN(LOAD, 0, 0, 0x208, 0), E }, 2, FORM },
	{ { INSN(ADD, 0, 0, 2, 0), E }, 2, FORM },
	{ { INSN(ADD, 0, 0, 0, 1), E }, 2, FORM },
	{ { INSN(BSWAP, 0, 0, 1, 0), E }, 2, FORM },
	{ { INSN(EXT, 0, 0, 5, 0), E }, 2, FORM },
	{ { INSN(MOV, 0, 0, 1, 0), E }, 2, FORM },
	{ { INSN(END, 0, 0, 0, 1) }, 1, FORM },
	{ { INSN(ITEM, 0, 0, 0, 65536), E }, 2, FORM },
	{ { INSN(OUT, 0, 0, 0x101, 0), E }, 2, FORM },
	{ { INSN(OUT_MEM, 0, 0, 0, 0), E }, 2, BYTES },
	{ { INSN(OUT_MEM, 0, 0, 0, 1017), E }, 2, BYTES },
	{ { INSN(OUT_STR, 0, 0, 0, -1), E }, 2, BYTES },
};

TEST_F(trace, refuses_programs_that_are_none)
{
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		code_begin(&self->code);
		code_prog(&self->code, bad[i].insns, bad[i].len);
		EXPECT_EQ(-EINVAL, points_add(&self->client, self->id, &self->code))
			TH_LOG("program %u", i);
		EXPECT_STREQ(bad[i].words, self->client.text) TH_LOG("program %u", i);
		EXPECT_EQ(AT(PROGS), self->client.blamed);
	}
}

/* The same numbers in every run. */
static __u64 seed;

static __u32 random_u32(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed >> 16;
}

static void random_prog(struct droptrace_insn *insns, unsigned int len)
{
	static const __s16 sizes[] = { 1, 2, 4, 8, 0x101, 0x102, 0x104, 0x108 };
	bool wild = !(random_u32() % 4);
	unsigned int i;

	for (i = 0; i < len; i++) {
		__u64 bits = (__u64)random_u32() << 32 | random_u32();

		memcpy(&insns[i], &bits, sizeof(bits));
		if (wild)
			continue;
		/* Nearly right, so that much of it gets in and is run. */
		insns[i].op = random_u32() % (__DROPTRACE_OP_MAX + (random_u32() % 64 == 0));
		insns[i].off = 0;
		switch (insns[i].op) {
		case DROPTRACE_OP_LDI:
			break;
		case DROPTRACE_OP_REG:
		case DROPTRACE_OP_ARG:
			insns[i].imm = random_u32() % 17;
			break;
		case DROPTRACE_OP_LOAD:
			insns[i].off = sizes[random_u32() % 8];
			insns[i].imm = (__s32)(random_u32() % 512) - 128;
			break;
		case DROPTRACE_OP_EXT:
			insns[i].off = sizes[random_u32() % 8];
			insns[i].imm = 0;
			break;
		case DROPTRACE_OP_BSWAP:
			insns[i].off = sizes[1 + random_u32() % 3];
			insns[i].imm = 0;
			break;
		case DROPTRACE_OP_OUT:
			insns[i].off = sizes[random_u32() % 4];
			insns[i].imm = 0;
			break;
		case DROPTRACE_OP_JMP:
		case DROPTRACE_OP_JZ:
		case DROPTRACE_OP_JNZ:
			insns[i].imm = 0;
			insns[i].off = (int)(random_u32() % len) - (int)i - 1;
			break;
		case DROPTRACE_OP_ITEM:
			insns[i].imm = random_u32() & 0xffff;
			insns[i].off = (int)(random_u32() % len) - (int)i - 1;
			break;
		case DROPTRACE_OP_OUT_MEM:
		case DROPTRACE_OP_OUT_STR:
			insns[i].imm = 1 + random_u32() % DROPTRACE_ITEM_MAX;
			break;
		case DROPTRACE_OP_ADD ... DROPTRACE_OP_LES:
			insns[i].off = random_u32() & 1;
			insns[i].imm = insns[i].off ? insns[i].imm : 0;
			break;
		default:
			insns[i].imm = 0;
		}
	}
	if (!wild && random_u32() % 8)
		insns[len - 1] = E;
}

static void drop_one(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	sendto(fd, "fuzz", 4, 0, (void *)&to, sizeof(to));
	close(fd);
}

#define FUZZ_PROGRAMS	100000
#define FUZZ_BATCH	2000		/* programs that are run by one packet */

/* All that got in are run, where a packet is, and where there is none. */
static bool run_fuzz(struct client *client, struct code *code, unsigned int *values)
{
	struct paths paths;
	unsigned int i;
	int id;

	code_frame(code, symbol(UDP_RECEIVE), code_reg(code, RDI),
		   DROPTRACE_FRAME_ROOT | DROPTRACE_FRAME_ANY);
	code_point(code, symbol(UDP_RECEIVE), 0, DROPTRACE_POINT_ENTRY, DROPTRACE_NO_REG,
		   DROPTRACE_NONE);
	for (i = 0; i + 1 < code->nr_progs; i++)
		code_point(code, symbol("__icmp_send"), 0, DROPTRACE_POINT_BLOCK, i % 17, i);
	/* a packet by a program that yields anything at all */
	code_frame(code, symbol("__icmp_send"), random_u32() % code->nr_progs, random_u32() % 8);
	code_point(code, symbol("__icmp_send"), 1, DROPTRACE_POINT_ENTRY, DROPTRACE_NO_REG,
		   DROPTRACE_NONE);
	id = trace_add(client, .owned = true, .path_size = DROPTRACE_PATH_MAX);
	if (id < 0 || trace_arm(client, id, code, false))
		return false;
	if (session_start(client) < 0)
		return false;
	paths_begin(&paths, client, 100);
	drop_one();
	paths_await(&paths, client, 1);
	for (i = 0; i < paths.nr; i++) {
		*values += path_count(&paths.of[i], DROPTRACE_STEP_VALUE);
		if (paths.of[i].malformed)
			return false;
	}
	trace_del(client, id);
	if (client_stop(client) || !client_await_end(client))
		return false;
	paths_end(&paths, client);
	code_begin(code);
	return true;
}

TEST_F_TIMEOUT(trace, takes_any_program_or_refuses_it_and_runs_it_without_harm, 500)
{
	static struct code one, good;
	struct droptrace_insn insns[64];
	unsigned int i, len, taken = 0, values = 0;
	int err;

	seed = 0x123456789abcdefULL;
	code_begin(&good);
	for (i = 0; i < FUZZ_PROGRAMS; i++) {
		len = 1 + random_u32() % (random_u32() % 8 ? 12 : 64);
		random_prog(insns, len);
		code_begin(&one);
		code_prog(&one, insns, len);
		err = points_add(&self->client, self->id, &one);
		if (err == -EINVAL) {
			/* full of programs: another one */
			if (strstr(self->client.text, "at the most")) {
				trace_del(&self->client, self->id);
				self->id = trace_add(&self->client, .owned = true);
			}
			continue;
		}
		ASSERT_EQ(0, err) TH_LOG("program %u", i);
		taken++;
		if (good.nr_progs < 60 && good.nr_insns + len < CODE_INSNS - 8)
			code_prog(&good, insns, len);
		if (taken % FUZZ_BATCH == 0)
			ASSERT_TRUE(run_fuzz(&self->client, &good, &values))
				TH_LOG("%s", self->client.text);
	}
	TH_LOG("%u of %u programs taken, %u values", taken, FUZZ_PROGRAMS, values);
	EXPECT_LT(1000, taken);
	EXPECT_LT(100, values);
}

/* --- points that are refused --- */

struct place {
	const char *what;
	__u64 address;
	__u16 reason;
};

TEST_F_TIMEOUT(trace, refuses_points_and_says_why, 200)
{
	struct droptrace_refusal refusals[16];
	__u64 addresses[400];
	struct point_info infos[16];
	struct trace_info info;
	struct status status;
	unsigned int i;
	int nr;

	ASSERT_LT(2, instructions(&self->client, "ip_local_deliver", addresses, 400));
	struct place places[] = {
		{ "user address", 0x400000, DROPTRACE_REFUSED_NOT_TEXT },
		{ "nothing", 0, DROPTRACE_REFUSED_NOT_TEXT },
		{ "not canonical", 0x8000000000000000ULL, DROPTRACE_REFUSED_NOT_TEXT },
		{ "data", 0xffff888000100000ULL, DROPTRACE_REFUSED_NOT_TEXT },
		{ "the last byte", ~0ULL, DROPTRACE_REFUSED_NOT_TEXT },
		{ "own code", symbol("droptrace_context_hit"), DROPTRACE_REFUSED_OWN },
		{ "blacklisted", symbol("do_int3") ?: symbol("exc_int3"),
		  DROPTRACE_REFUSED_BLACKLIST },
		{ "middle of an instruction", addresses[2] - 1, DROPTRACE_REFUSED_BOUNDARY },
		{ "good", symbol("ip_rcv"), DROPTRACE_REFUSED_OTHER },
	};
	unsigned int nr_places = sizeof(places) / sizeof(*places);

	for (i = 2; addresses[i] == addresses[i - 1] + 1; i++)
		;
	places[7].address = addresses[i] - 1;
	client_status(&self->client, &status);
	code_frame(&self->code, symbol("ip_rcv"), DROPTRACE_NONE, 0);
	for (i = 0; i < nr_places; i++)
		code_point(&self->code, places[i].address, 0, DROPTRACE_POINT_BLOCK,
			   DROPTRACE_NO_REG, DROPTRACE_NONE);
	ASSERT_EQ(0, points_add(&self->client, self->id, &self->code));
	EXPECT_EQ(-EINVAL, points_arm(&self->client, self->id, false, NULL, 0));
	EXPECT_STREQ("a point is not in the kernel's code", self->client.text);
	ASSERT_TRUE(client_trace_info(&self->client, self->id, &info));
	EXPECT_EQ(0, info.nr_armed);
	EXPECT_EQ(0, info.live);

	trace_del(&self->client, self->id);
	self->id = trace_add(&self->client, .owned = true);
	ASSERT_EQ(0, points_add(&self->client, self->id, &self->code));
	nr = points_arm(&self->client, self->id, true, refusals, 16);
	ASSERT_EQ(nr_places - 1, nr);
	ASSERT_EQ(nr_places, client_points(&self->client, self->id, infos, 16));
	for (i = 0; i + 1 < nr_places; i++) {
		EXPECT_EQ(i, refusals[i].point);
		EXPECT_EQ(places[i].reason, refusals[i].reason)
			TH_LOG("%s: error %u", places[i].what, refusals[i].error);
		EXPECT_LT(0, refusals[i].error);
		EXPECT_EQ(DROPTRACE_POINT_REFUSED, infos[i].state);
		EXPECT_EQ(places[i].address, infos[i].address);
	}
	EXPECT_EQ(DROPTRACE_POINT_ARMED, infos[i].state);
	ASSERT_TRUE(client_trace_info(&self->client, self->id, &info));
	EXPECT_EQ(1, info.nr_armed);
	EXPECT_EQ(1, info.live);
}

/* --- modules --- */

TEST_F_TIMEOUT(trace, lets_go_of_a_module_that_is_unloaded, 100)
{
	struct point_info infos[2];
	struct paths paths;
	__u64 address;

	if (run("modprobe dummy numdummies=0"))
		SKIP(return, "no module to unload");
	/* read anew: it has just come */
	{
		FILE *kallsyms = fopen("/proc/kallsyms", "r");
		unsigned long long at;
		char line[256], name[128];

		address = 0;
		while (fgets(line, sizeof(line), kallsyms))
			if (sscanf(line, "%llx %*c %127s [dummy]", &at, name) == 2 &&
			    !strcmp(name, "dummy_xmit"))
				address = at;
		fclose(kallsyms);
	}
	ASSERT_NE(0, address);
	code_function(&self->code, address, RDI, DROPTRACE_FRAME_ROOT);
	code_function(&self->code, symbol("ip_rcv"), RDI, DROPTRACE_FRAME_ROOT);
	ASSERT_EQ(0, trace_arm(&self->client, self->id, &self->code, false));
	paths_begin(&paths, &self->client, 10);
	ASSERT_LT(0, session_start(&self->client));
	ASSERT_EQ(0, run("modprobe -r dummy"));
	ASSERT_TRUE(paths_await_gone(&paths, &self->client, 1));
	EXPECT_STREQ("dummy", paths.gone[0].module);
	EXPECT_EQ(1, paths.gone[0].nr_points);
	EXPECT_EQ(self->id, paths.gone[0].trace);
	ASSERT_EQ(2, client_points(&self->client, self->id, infos, 2));
	EXPECT_EQ(DROPTRACE_POINT_GONE, infos[0].state);
	EXPECT_EQ(DROPTRACE_POINT_ARMED, infos[1].state);
	paths_end(&paths, &self->client);

	/* a trace of an address where code was */
	int id = trace_add(&self->client, .owned = true);
	struct droptrace_refusal refusal;

	ASSERT_EQ(0, points_add(&self->client, id, &self->code));
	ASSERT_EQ(1, points_arm(&self->client, id, true, &refusal, 1));
	/* newer kernels keep the memory for the code of others */
	if (refusal.reason != DROPTRACE_REFUSED_GONE)
		EXPECT_EQ(DROPTRACE_REFUSED_NOT_TEXT, refusal.reason);
}

static __attribute__((constructor)) void load(void)
{
	symbols_load();
}

TEST_HARNESS_MAIN
