// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that are refused: with which errno, which attribute is named, in which
 * words; and that nothing has changed after it.  Words of the kernel's own checks
 * differ between releases and are not compared; that there are any is.
 *
 * What is accepted at the very limit stands at the end, since a refusal that is
 * too strict would not be noticed otherwise.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "progs.h"

#define A_FILTER(name)	DROPTRACE_A_FILTER_##name
#define A_SESSION(name)	DROPTRACE_A_SESSION_##name
#define A_COUNTER(name)	DROPTRACE_A_COUNTER_##name

/* The kernel's words, whatever they are. */
#define KERNELS_WORDS	NULL

static struct request request;

/* Everything that a refused request must leave alone. */
struct snapshot {
	struct status status;
	struct filter_info filters[DROPTRACE_FILTERS_MAX];
	int nr_filters;
	struct session_info sessions[8];
	int nr_sessions;
};

static void snapshot_take(struct snapshot *snapshot, struct client *client)
{
	memset(snapshot, 0, sizeof(*snapshot));
	client_status(client, &snapshot->status);
	snapshot->status.uptime_ns = 0;
	snapshot->nr_filters = client_filters(client, snapshot->filters, DROPTRACE_FILTERS_MAX);
	snapshot->nr_sessions = client_sessions(client, snapshot->sessions, 8);
}

FIXTURE(refused)
{
	struct client watcher;		/* asks for the state; does nothing else */
	struct client client;		/* sends what is to be refused */
	struct client other;		/* has filters of its own */
	__u32 kept, excluding, owned;
	struct snapshot before;
};

FIXTURE_VARIANT(refused)
{
	__u8 cmd;
	__u16 flags;
	void (*build)(struct request *req, const struct _test_data_refused *self);
	int err;
	int blamed;
	const char *text;
};

FIXTURE_SETUP(refused)
{
	client_open(&self->watcher);
	client_open(&self->client);
	client_open(&self->other);
	self->kept = filter_add(&self->other, .name = "kept");
	self->excluding = filter_add(&self->other, .exclude = true);
	self->owned = filter_add(&self->other, .owned = true);
	ASSERT_LT(0, (int)self->kept);
	ASSERT_LT(0, (int)self->excluding);
	ASSERT_LT(0, (int)self->owned);
	snapshot_take(&self->before, &self->watcher);
	ASSERT_EQ(3, self->before.nr_filters);
}

FIXTURE_TEARDOWN(refused)
{
	client_filter_del_all(&self->other);
	client_close(&self->other);
	client_close(&self->client);
	EXPECT_TRUE(client_await_idle(&self->watcher));
	client_close(&self->watcher);
}

#define NOT_REASONS "not a whole number of reasons"
#define NO_REASONS "this kernel gives no drop reasons"

TEST_F(refused, and_nothing_has_changed)
{
	const char *text = variant->text;
	struct snapshot after;
	int err = variant->err;

	if (text && !strcmp(text, NOT_REASONS) &&
	    !(self->before.status.features & DROPTRACE_FEATURE_REASON)) {
		text = NO_REASONS;
		err = EOPNOTSUPP;
	}

	request_begin(&request, &self->client, variant->cmd, variant->flags);
	variant->build(&request, self);
	EXPECT_EQ(-err, client_call(&self->client, &request));
	EXPECT_EQ(variant->blamed, self->client.blamed);
	if (text)
		EXPECT_STREQ(text, self->client.text);
	EXPECT_FALSE(self->client.replied);

	snapshot_take(&after, &self->watcher);
	EXPECT_EQ(0, memcmp(&self->before, &after, sizeof(after)))
		TH_LOG("objects %u, then %u; sessions %d, then %d", self->before.status.objects,
		       after.status.objects, self->before.nr_sessions, after.nr_sessions);
}

/* A variant, and the function that puts its attributes into the request. */
#define REFUSED_FLAGS(_name, _cmd, _flags, _err, _blamed, _text)		\
	static void build_##_name(struct request *req,				\
				  const struct _test_data_refused *self);		\
	FIXTURE_VARIANT_ADD(refused, _name) {					\
		.cmd = DROPTRACE_CMD_##_cmd, .flags = _flags,			\
		.build = build_##_name, .err = _err, .blamed = _blamed,		\
		.text = _text,							\
	};									\
	static void build_##_name(struct request *req,			\
				  const struct _test_data_refused *self)
#define REFUSED(_name, _cmd, _err, _blamed, _text)				\
	REFUSED_FLAGS(_name, _cmd, 0, _err, _blamed, _text)

static void put_text(struct request *req, __u16 type, size_t len, bool end)
{
	char *text = calloc(1, len + 1);

	memset(text, 'a', len);
	request_put(req, type, text, len + end);
	free(text);
}

static void put_zeros(struct request *req, __u16 type, size_t len)
{
	char *zeros = calloc(1, len + 1);

	request_put(req, type, zeros, len);
	free(zeros);
}

#define PROG(type, ...) do {							\
	static const struct sock_filter prog[] = { __VA_ARGS__ };		\
										\
	request_put(req, type, prog, sizeof(prog));				\
} while (0)

/* --- status-get --- */

REFUSED(status_with_an_attribute, STATUS_GET, EINVAL, 1, KERNELS_WORDS)
{
	request_put_u32(req, 1, 0);
}

REFUSED(status_with_an_attribute_beyond, STATUS_GET, EINVAL, 2, KERNELS_WORDS)
{
	request_put_u32(req, 2, 0);
}

REFUSED_FLAGS(status_as_a_dump, STATUS_GET, NLM_F_DUMP, EOPNOTSUPP, 0, "")
{
}

/* --- filter-add: text --- */

#define BAD_NAME "a name is a letter and then letters, digits or ._-"

REFUSED(name_empty, FILTER_ADD, EINVAL, A_FILTER(NAME), BAD_NAME)
{
	request_put_string(req, A_FILTER(NAME), "");
}

REFUSED(name_that_begins_with_a_digit, FILTER_ADD, EINVAL, A_FILTER(NAME), BAD_NAME)
{
	request_put_string(req, A_FILTER(NAME), "1st");
}

REFUSED(name_with_a_blank, FILTER_ADD, EINVAL, A_FILTER(NAME), BAD_NAME)
{
	request_put_string(req, A_FILTER(NAME), "a b");
}

REFUSED(name_with_a_newline, FILTER_ADD, EINVAL, A_FILTER(NAME), BAD_NAME)
{
	request_put_string(req, A_FILTER(NAME), "a\n");
}

REFUSED(name_with_a_byte_above_ascii, FILTER_ADD, EINVAL, A_FILTER(NAME), BAD_NAME)
{
	request_put_string(req, A_FILTER(NAME), "caf\xc3\xa9");
}

REFUSED(name_with_a_latin_1_letter, FILTER_ADD, EINVAL, A_FILTER(NAME), BAD_NAME)
{
	request_put_string(req, A_FILTER(NAME), "\xe9");
}

REFUSED(name_too_long, FILTER_ADD, EINVAL, A_FILTER(NAME), KERNELS_WORDS)
{
	put_text(req, A_FILTER(NAME), DROPTRACE_NAME_MAX + 1, true);
}

REFUSED(name_without_an_end, FILTER_ADD, EINVAL, A_FILTER(NAME), KERNELS_WORDS)
{
	put_text(req, A_FILTER(NAME), 4, false);
}

REFUSED(name_without_bytes, FILTER_ADD, EINVAL, A_FILTER(NAME), KERNELS_WORDS)
{
	request_put_flag(req, A_FILTER(NAME));
}

REFUSED(name_taken, FILTER_ADD, EEXIST, A_FILTER(NAME), "a filter of that name exists")
{
	request_put_string(req, A_FILTER(NAME), "kept");
}

REFUSED(expr_too_long, FILTER_ADD, EINVAL, A_FILTER(EXPR), KERNELS_WORDS)
{
	put_text(req, A_FILTER(EXPR), DROPTRACE_EXPR_MAX + 1, true);
}

REFUSED(expr_without_an_end, FILTER_ADD, EINVAL, A_FILTER(EXPR), KERNELS_WORDS)
{
	put_text(req, A_FILTER(EXPR), 8, false);
}

REFUSED(inner_expr_too_long, FILTER_ADD, EINVAL, A_FILTER(INNER_EXPR), KERNELS_WORDS)
{
	put_text(req, A_FILTER(INNER_EXPR), DROPTRACE_EXPR_MAX + 1, true);
}

REFUSED(function_too_long, FILTER_ADD, EINVAL, A_FILTER(FUNCTION), KERNELS_WORDS)
{
	put_text(req, A_FILTER(FUNCTION), DROPTRACE_EXPR_MAX + 1, true);
}

REFUSED(function_without_an_end, FILTER_ADD, EINVAL, A_FILTER(FUNCTION), KERNELS_WORDS)
{
	put_text(req, A_FILTER(FUNCTION), 1, false);
}

/* --- filter-add: programs --- */

#define NOT_WHOLE "not a whole number of instructions, 1 to 4096"
#define NOT_VALID "the program is not valid classic BPF"
#define NO_MEANING "an ancillary load has no meaning here"

REFUSED(prog_empty, FILTER_ADD, EINVAL, A_FILTER(PROG), NOT_WHOLE)
{
	request_put_flag(req, A_FILTER(PROG));
}

REFUSED(prog_of_half_an_instruction, FILTER_ADD, EINVAL, A_FILTER(PROG), NOT_WHOLE)
{
	put_zeros(req, A_FILTER(PROG), 12);
}

REFUSED(prog_oversize, FILTER_ADD, ERANGE, A_FILTER(PROG), KERNELS_WORDS)
{
	put_zeros(req, A_FILTER(PROG), (DROPTRACE_PROG_MAX + 1) * sizeof(struct sock_filter));
}

REFUSED(prog_that_does_not_return, FILTER_ADD, EINVAL, A_FILTER(PROG), NOT_VALID)
{
	PROG(A_FILTER(PROG), LD_B(0));
}

REFUSED(prog_with_an_unknown_instruction, FILTER_ADD, EINVAL, A_FILTER(PROG), NOT_VALID)
{
	PROG(A_FILTER(PROG), BPF_STMT(0xffff, 0), MATCH);
}

REFUSED(prog_that_jumps_out, FILTER_ADD, EINVAL, A_FILTER(PROG), NOT_VALID)
{
	PROG(A_FILTER(PROG), LD_B(0), IF_EQ(1, 2), MATCH, NO_MATCH);
}

REFUSED(prog_that_jumps_far_out, FILTER_ADD, EINVAL, A_FILTER(PROG), NOT_VALID)
{
	PROG(A_FILTER(PROG), BPF_STMT(BPF_JMP | BPF_JA, 0xfffffffe), MATCH);
}

REFUSED(prog_that_divides_by_zero, FILTER_ADD, EINVAL, A_FILTER(PROG), NOT_VALID)
{
	PROG(A_FILTER(PROG), LD_B(0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), MATCH);
}

REFUSED(prog_that_takes_a_rest_by_zero, FILTER_ADD, EINVAL, A_FILTER(PROG), NOT_VALID)
{
	PROG(A_FILTER(PROG), LD_B(0), BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 0), MATCH);
}

REFUSED(prog_that_shifts_too_far, FILTER_ADD, EINVAL, A_FILTER(PROG), NOT_VALID)
{
	PROG(A_FILTER(PROG), LD_B(0), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), MATCH);
}

REFUSED(prog_that_stores_outside, FILTER_ADD, EINVAL, A_FILTER(PROG), NOT_VALID)
{
	PROG(A_FILTER(PROG), LD_B(0), BPF_STMT(BPF_ST, BPF_MEMWORDS), MATCH);
}

REFUSED(prog_that_reads_what_was_not_stored, FILTER_ADD, EINVAL, A_FILTER(PROG), NOT_VALID)
{
	PROG(A_FILTER(PROG), BPF_STMT(BPF_LD | BPF_MEM, 3), MATCH);
}

REFUSED(prog_that_loads_by_network_offset, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_B((unsigned int)SKF_NET_OFF), MATCH);
}

REFUSED(prog_that_loads_below_the_ancillary, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_B(AD(-1)), MATCH);
}

REFUSED(prog_that_loads_the_ifindex, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_W(AD(SKF_AD_IFINDEX)), MATCH);
}

REFUSED(prog_that_loads_the_nlattr, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_W(AD(SKF_AD_NLATTR)), MATCH);
}

REFUSED(prog_that_loads_the_nested_nlattr, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_W(AD(SKF_AD_NLATTR_NEST)), MATCH);
}

REFUSED(prog_that_loads_the_hatype, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_W(AD(SKF_AD_HATYPE)), MATCH);
}

REFUSED(prog_that_loads_the_cpu, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_W(AD(SKF_AD_CPU)), MATCH);
}

REFUSED(prog_that_loads_the_xor, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_W(AD(SKF_AD_ALU_XOR_X)), MATCH);
}

REFUSED(prog_that_loads_the_payload_offset, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_W(AD(SKF_AD_PAY_OFFSET)), MATCH);
}

REFUSED(prog_that_loads_the_random_number, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_W(AD(SKF_AD_RANDOM)), MATCH);
}

REFUSED(prog_that_loads_the_next_to_come, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_W(AD(SKF_AD_MAX)), MATCH);
}

REFUSED(prog_that_loads_the_middle_of_one, FILTER_ADD, EINVAL, A_FILTER(PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), LD_W(AD(SKF_AD_PROTOCOL + 1)), MATCH);
}

/* The length of a header, which is only in the packet. */
REFUSED(prog_that_takes_a_length_from_an_ancillary, FILTER_ADD, EINVAL, A_FILTER(PROG),
	NO_MEANING)
{
	PROG(A_FILTER(PROG), BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, AD(SKF_AD_PROTOCOL)), MATCH);
}

REFUSED(inner_prog_empty, FILTER_ADD, EINVAL, A_FILTER(INNER_PROG), NOT_WHOLE)
{
	request_put_flag(req, A_FILTER(INNER_PROG));
}

REFUSED(inner_prog_that_loads_the_cpu, FILTER_ADD, EINVAL, A_FILTER(INNER_PROG), NO_MEANING)
{
	PROG(A_FILTER(PROG), MATCH);
	PROG(A_FILTER(INNER_PROG), LD_W(AD(SKF_AD_CPU)), MATCH);
}

REFUSED(inner_prog_not_valid, FILTER_ADD, EINVAL, A_FILTER(INNER_PROG), NOT_VALID)
{
	PROG(A_FILTER(PROG), MATCH);
	PROG(A_FILTER(INNER_PROG), LD_B(0));
}

REFUSED(inner_prog_oversize, FILTER_ADD, ERANGE, A_FILTER(INNER_PROG), KERNELS_WORDS)
{
	put_zeros(req, A_FILTER(INNER_PROG),
		  (DROPTRACE_PROG_MAX + 1) * sizeof(struct sock_filter));
}

/* --- filter-add: the rest --- */

REFUSED(dev_unknown, FILTER_ADD, ENODEV, A_FILTER(DEV), "no such interface")
{
	request_put_string(req, A_FILTER(DEV), "nosuchdev0");
}

REFUSED(dev_empty, FILTER_ADD, ENODEV, A_FILTER(DEV), "no such interface")
{
	request_put_string(req, A_FILTER(DEV), "");
}

REFUSED(dev_too_long, FILTER_ADD, EINVAL, A_FILTER(DEV), KERNELS_WORDS)
{
	put_text(req, A_FILTER(DEV), 16, true);
}

REFUSED(netns_zero, FILTER_ADD, ERANGE, A_FILTER(NETNS), KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(NETNS), 0);
}

REFUSED(netns_unknown, FILTER_ADD, ENOENT, A_FILTER(NETNS), "no such network namespace")
{
	request_put_u32(req, A_FILTER(NETNS), 0xffffffff);
}

REFUSED(mask_without_a_mark, FILTER_ADD, EINVAL, A_FILTER(MARK_MASK), "a mask without a mark")
{
	request_put_u32(req, A_FILTER(MARK_MASK), 0xff);
}

REFUSED(mark_outside_its_mask, FILTER_ADD, EINVAL, A_FILTER(MARK),
	"the mark has bits outside its mask")
{
	request_put_u32(req, A_FILTER(MARK), 0x100);
	request_put_u32(req, A_FILTER(MARK_MASK), 0xff);
}

REFUSED(reasons_empty, FILTER_ADD, EINVAL, A_FILTER(REASONS), NOT_REASONS)
{
	request_put_flag(req, A_FILTER(REASONS));
}

REFUSED(reasons_of_one_and_a_half, FILTER_ADD, EINVAL, A_FILTER(REASONS), NOT_REASONS)
{
	put_zeros(req, A_FILTER(REASONS), 6);
}

REFUSED(reasons_too_many, FILTER_ADD, ERANGE, A_FILTER(REASONS), KERNELS_WORDS)
{
	put_zeros(req, A_FILTER(REASONS), 4 * (DROPTRACE_REASONS_MAX + 1));
}

#define KERNEL_ADDRESS 0xffffffff81000000ULL
#define NOT_RANGES "not a whole number of address ranges"
#define NOT_KERNEL "not a range of kernel addresses"
#define RANGES(...) do {							\
	static const __u64 ranges[] = { __VA_ARGS__ };				\
										\
	request_put(req, A_FILTER(RANGES), ranges, sizeof(ranges));		\
} while (0)

REFUSED(ranges_empty, FILTER_ADD, EINVAL, A_FILTER(RANGES), NOT_RANGES)
{
	request_put_flag(req, A_FILTER(RANGES));
}

REFUSED(ranges_of_one_and_a_half, FILTER_ADD, EINVAL, A_FILTER(RANGES), NOT_RANGES)
{
	RANGES(KERNEL_ADDRESS, KERNEL_ADDRESS + 1, KERNEL_ADDRESS);
}

REFUSED(ranges_too_many, FILTER_ADD, ERANGE, A_FILTER(RANGES), KERNELS_WORDS)
{
	put_zeros(req, A_FILTER(RANGES), 16 * (DROPTRACE_RANGES_MAX + 1));
}

REFUSED(range_of_nothing, FILTER_ADD, EINVAL, A_FILTER(RANGES), NOT_KERNEL)
{
	RANGES(KERNEL_ADDRESS, KERNEL_ADDRESS);
}

REFUSED(range_backwards, FILTER_ADD, EINVAL, A_FILTER(RANGES), NOT_KERNEL)
{
	RANGES(KERNEL_ADDRESS + 1, KERNEL_ADDRESS);
}

REFUSED(range_of_user_addresses, FILTER_ADD, EINVAL, A_FILTER(RANGES), NOT_KERNEL)
{
	RANGES(0x400000, 0x500000);
}

REFUSED(range_bad_behind_a_good_one, FILTER_ADD, EINVAL, A_FILTER(RANGES), NOT_KERNEL)
{
	RANGES(KERNEL_ADDRESS, KERNEL_ADDRESS + 1, 1, 2);
}

#define NOT_EXCLUDING "snaplen, rate and count mean nothing to an excluding filter"

REFUSED(exclude_with_a_snaplen, FILTER_ADD, EINVAL, A_FILTER(EXCLUDE), NOT_EXCLUDING)
{
	request_put_flag(req, A_FILTER(EXCLUDE));
	request_put_u32(req, A_FILTER(SNAPLEN), 0);
}

REFUSED(exclude_with_a_rate, FILTER_ADD, EINVAL, A_FILTER(EXCLUDE), NOT_EXCLUDING)
{
	request_put_flag(req, A_FILTER(EXCLUDE));
	request_put_u32(req, A_FILTER(RATE), 1);
}

REFUSED(exclude_with_a_count, FILTER_ADD, EINVAL, A_FILTER(EXCLUDE), NOT_EXCLUDING)
{
	request_put_flag(req, A_FILTER(EXCLUDE));
	request_put_u64(req, A_FILTER(COUNT), 1);
}

REFUSED(filter_snaplen_too_long, FILTER_ADD, ERANGE, A_FILTER(SNAPLEN), KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(SNAPLEN), DROPTRACE_SNAPLEN_MAX + 1);
}

REFUSED(rate_zero, FILTER_ADD, ERANGE, A_FILTER(RATE), KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(RATE), 0);
}

REFUSED(rate_too_high, FILTER_ADD, ERANGE, A_FILTER(RATE), KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(RATE), DROPTRACE_RATE_MAX + 1);
}

REFUSED(count_of_four_bytes, FILTER_ADD, EINVAL, A_FILTER(COUNT), KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(COUNT), 1);
}

REFUSED(mark_of_two_bytes, FILTER_ADD, EINVAL, A_FILTER(MARK), KERNELS_WORDS)
{
	put_zeros(req, A_FILTER(MARK), 2);
}

REFUSED(mark_of_eight_bytes, FILTER_ADD, EINVAL, A_FILTER(MARK), KERNELS_WORDS)
{
	put_zeros(req, A_FILTER(MARK), 8);
}

REFUSED(flag_with_a_value, FILTER_ADD, ERANGE, A_FILTER(OWNED), KERNELS_WORDS)
{
	request_put_u8(req, A_FILTER(OWNED), 1);
}

REFUSED(id_in_filter_add, FILTER_ADD, EINVAL, A_FILTER(ID), KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(ID), 7);
}

REFUSED(hits_in_filter_add, FILTER_ADD, EINVAL, A_FILTER(HITS), KERNELS_WORDS)
{
	request_put_u64(req, A_FILTER(HITS), 7);
}

REFUSED(all_in_filter_add, FILTER_ADD, EINVAL, A_FILTER(ALL), KERNELS_WORDS)
{
	request_put_flag(req, A_FILTER(ALL));
}

REFUSED(filter_add_as_a_dump, FILTER_ADD, EOPNOTSUPP, 0, "")
{
	req->nlh.nlmsg_flags |= NLM_F_DUMP;
}

/* --- filter-del, filter-get --- */

#define ONE_OF "one of id, name and all is needed"

REFUSED(filter_del_of_nothing, FILTER_DEL, EINVAL, 0, ONE_OF)
{
}

REFUSED(filter_del_by_id_and_name, FILTER_DEL, EINVAL, 0, ONE_OF)
{
	request_put_u32(req, A_FILTER(ID), self->kept);
	request_put_string(req, A_FILTER(NAME), "kept");
}

REFUSED(filter_del_by_id_and_all, FILTER_DEL, EINVAL, 0, ONE_OF)
{
	request_put_u32(req, A_FILTER(ID), self->kept);
	request_put_flag(req, A_FILTER(ALL));
}

REFUSED(filter_del_of_an_unknown_id, FILTER_DEL, ENOENT, A_FILTER(ID), "no such filter")
{
	request_put_u32(req, A_FILTER(ID), 0xffffffff);
}

REFUSED(filter_del_of_id_zero, FILTER_DEL, ERANGE, A_FILTER(ID), KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(ID), 0);
}

REFUSED(filter_del_of_an_unknown_name, FILTER_DEL, ENOENT, A_FILTER(NAME), "no such filter")
{
	request_put_string(req, A_FILTER(NAME), "kep");
}

/* Filters without a name have none, not an empty one. */
REFUSED(filter_del_of_the_empty_name, FILTER_DEL, ENOENT, A_FILTER(NAME), "no such filter")
{
	request_put_string(req, A_FILTER(NAME), "");
}

REFUSED(filter_del_by_expression, FILTER_DEL, EINVAL, A_FILTER(EXPR), KERNELS_WORDS)
{
	request_put_string(req, A_FILTER(EXPR), "kept");
}

REFUSED(filter_get_without_dump, FILTER_GET, EOPNOTSUPP, 0, "")
{
}

REFUSED_FLAGS(filter_get_with_an_attribute, FILTER_GET, NLM_F_DUMP, EINVAL, A_FILTER(ID),
	      KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(ID), self->kept);
}

/* --- sessions --- */

#define NOT_IDS "not a whole number of filter ids"

REFUSED(ring_too_small, SESSION_START, ERANGE, A_SESSION(RING_SIZE), KERNELS_WORDS)
{
	request_put_u32(req, A_SESSION(RING_SIZE), DROPTRACE_RING_MIN - 1);
}

REFUSED(ring_too_large, SESSION_START, ERANGE, A_SESSION(RING_SIZE), KERNELS_WORDS)
{
	request_put_u32(req, A_SESSION(RING_SIZE), DROPTRACE_RING_MAX + 1);
}

REFUSED(session_snaplen_too_long, SESSION_START, ERANGE, A_SESSION(SNAPLEN), KERNELS_WORDS)
{
	request_put_u32(req, A_SESSION(SNAPLEN), DROPTRACE_SNAPLEN_MAX + 1);
}

REFUSED(stack_too_deep, SESSION_START, ERANGE, A_SESSION(STACK_DEPTH), KERNELS_WORDS)
{
	request_put_u32(req, A_SESSION(STACK_DEPTH), DROPTRACE_STACK_MAX + 1);
}

REFUSED(session_filters_empty, SESSION_START, EINVAL, A_SESSION(FILTERS), NOT_IDS)
{
	request_put_flag(req, A_SESSION(FILTERS));
}

REFUSED(session_filters_of_five_bytes, SESSION_START, EINVAL, A_SESSION(FILTERS), NOT_IDS)
{
	put_zeros(req, A_SESSION(FILTERS), 5);
}

REFUSED(session_filters_too_many, SESSION_START, ERANGE, A_SESSION(FILTERS), KERNELS_WORDS)
{
	put_zeros(req, A_SESSION(FILTERS), 4 * (DROPTRACE_FILTERS_MAX + 1));
}

REFUSED(session_filter_unknown, SESSION_START, ENOENT, A_SESSION(FILTERS), "no such filter")
{
	__u32 ids[] = { self->kept, 0xffffffff };

	request_put(req, A_SESSION(FILTERS), ids, sizeof(ids));
}

REFUSED(session_filter_excluding, SESSION_START, EINVAL, A_SESSION(FILTERS),
	"an excluding filter applies to every session by itself")
{
	request_put(req, A_SESSION(FILTERS), &self->excluding, sizeof(self->excluding));
}

/* It would never match for this socket: a session that shows nothing, silently. */
REFUSED(session_filter_of_another_socket, SESSION_START, ENOENT, A_SESSION(FILTERS),
	"no such filter")
{
	request_put(req, A_SESSION(FILTERS), &self->owned, sizeof(self->owned));
}

REFUSED(session_id_given, SESSION_START, EINVAL, A_SESSION(ID), KERNELS_WORDS)
{
	request_put_u32(req, A_SESSION(ID), 1);
}

REFUSED(session_stop_without_a_session, SESSION_STOP, ENOENT, 0, "this socket does not stream")
{
}

REFUSED(session_stop_of_an_id, SESSION_STOP, EINVAL, A_SESSION(ID), KERNELS_WORDS)
{
	request_put_u32(req, A_SESSION(ID), 1);
}

REFUSED(session_get_without_dump, SESSION_GET, EOPNOTSUPP, 0, "")
{
}

REFUSED_FLAGS(session_get_with_an_attribute, SESSION_GET, NLM_F_DUMP, EINVAL, A_SESSION(ID),
	      KERNELS_WORDS)
{
	request_put_u32(req, A_SESSION(ID), 1);
}

/* --- counters --- */

REFUSED(counter_set_of_nothing, COUNTER_SET, EINVAL, 0, "one of enable and reset is needed")
{
}

REFUSED(counter_set_owned_alone, COUNTER_SET, EINVAL, 0, "one of enable and reset is needed")
{
	request_put_flag(req, A_COUNTER(OWNED));
}

REFUSED(counter_reset_owned, COUNTER_SET, EINVAL, A_COUNTER(OWNED), "owned goes with enable")
{
	request_put_flag(req, A_COUNTER(OWNED));
	request_put_flag(req, A_COUNTER(RESET));
}

REFUSED(counter_enable_two, COUNTER_SET, ERANGE, A_COUNTER(ENABLE), KERNELS_WORDS)
{
	request_put_u8(req, A_COUNTER(ENABLE), 2);
}

REFUSED(counter_enable_of_four_bytes, COUNTER_SET, EINVAL, A_COUNTER(ENABLE), KERNELS_WORDS)
{
	request_put_u32(req, A_COUNTER(ENABLE), 1);
}

REFUSED(counter_set_of_a_count, COUNTER_SET, EINVAL, A_COUNTER(PACKETS), KERNELS_WORDS)
{
	request_put_u64(req, A_COUNTER(PACKETS), 0);
}

REFUSED(counter_get_without_dump, COUNTER_GET, EOPNOTSUPP, 0, "")
{
}

REFUSED_FLAGS(counter_get_with_an_attribute, COUNTER_GET, NLM_F_DUMP, EINVAL, A_COUNTER(ENABLE),
	      KERNELS_WORDS)
{
	request_put_u8(req, A_COUNTER(ENABLE), 1);
}

/* --- commands that are none --- */

REFUSED(notification_as_a_command, SESSION_NTF, EOPNOTSUPP, 0, "")
{
}

REFUSED(end_as_a_command, SESSION_END_NTF, EOPNOTSUPP, 0, "")
{
}

#define DROPTRACE_CMD_BEYOND	(DROPTRACE_CMD_MAX + 1)
#define DROPTRACE_CMD_ZERO	0
#define DROPTRACE_CMD_LAST	255

REFUSED(command_beyond_the_last, BEYOND, EOPNOTSUPP, 0, "")
{
}

REFUSED(command_zero, ZERO, EOPNOTSUPP, 0, "")
{
}

REFUSED(command_255, LAST, EOPNOTSUPP, 0, "")
{
}

/* --- bytes that make no message --- */

REFUSED(attribute_unknown, FILTER_ADD, EINVAL, A_FILTER(MAX) + 1, KERNELS_WORDS)
{
	request_put_string(req, A_FILTER(NAME), "new");
	request_put_u32(req, A_FILTER(MAX) + 1, 0);
}

REFUSED(attribute_zero, FILTER_ADD, EINVAL, 0, KERNELS_WORDS)
{
	request_put_u32(req, 0, 0);
}

REFUSED(attribute_of_the_largest_type, FILTER_ADD, EINVAL, (__u16)NLA_TYPE_MASK, KERNELS_WORDS)
{
	request_put_u32(req, (__u16)NLA_TYPE_MASK, 0);
}

REFUSED(attribute_nested_that_is_not, FILTER_ADD, EINVAL, A_FILTER(MARK), KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(MARK) | NLA_F_NESTED, 0);
}

REFUSED(nest_in_a_string, FILTER_ADD, EINVAL, A_FILTER(NAME), KERNELS_WORDS)
{
	request_put_string(req, A_FILTER(NAME) | NLA_F_NESTED, "new");
}

REFUSED(attribute_shorter_than_its_header, FILTER_ADD, EINVAL, 0, KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(MARK), 0);
	request_put_u32(req, A_FILTER(RATE), 1);
	((struct nlattr *)(req->bytes + req->nlh.nlmsg_len - 8))->nla_len = 3;
}

REFUSED(attribute_of_length_zero, FILTER_ADD, EINVAL, 0, KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(MARK), 0);
	((struct nlattr *)(req->bytes + req->nlh.nlmsg_len - 8))->nla_len = 0;
}

REFUSED(attribute_longer_than_the_message, FILTER_ADD, EINVAL, 0, KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(MARK), 0);
	((struct nlattr *)(req->bytes + req->nlh.nlmsg_len - 8))->nla_len = 9;
}

REFUSED(attribute_of_the_largest_length, FILTER_ADD, EINVAL, 0, KERNELS_WORDS)
{
	request_put_u32(req, A_FILTER(MARK), 0);
	((struct nlattr *)(req->bytes + req->nlh.nlmsg_len - 8))->nla_len = 0xffff;
}

REFUSED(bytes_behind_the_last_attribute, FILTER_ADD, EINVAL, 0, KERNELS_WORDS)
{
	request_put_string(req, A_FILTER(NAME), "new");
	memset(req->bytes + req->nlh.nlmsg_len, 0, 2);
	req->nlh.nlmsg_len += 2;
}

REFUSED(header_cut_in_the_middle, FILTER_ADD, EINVAL, 0, "")
{
	req->nlh.nlmsg_len = NLMSG_HDRLEN + 2;
}

REFUSED(header_missing, FILTER_ADD, EINVAL, 0, "")
{
	req->nlh.nlmsg_len = NLMSG_HDRLEN;
}

/* --- what the kernel does not even answer --- */

FIXTURE(ignored)
{
	struct client client;
	struct snapshot before;
};

FIXTURE_SETUP(ignored)
{
	client_open(&self->client);
	snapshot_take(&self->before, &self->client);
}

FIXTURE_TEARDOWN(ignored)
{
	struct snapshot after;

	snapshot_take(&after, &self->client);
	EXPECT_EQ(0, memcmp(&self->before, &after, sizeof(after)));
	EXPECT_TRUE(client_await_idle(&self->client));
	client_close(&self->client);
}

TEST_F(ignored, length_shorter_than_the_header)
{
	request_begin(&request, &self->client, DROPTRACE_CMD_FILTER_ADD, NLM_F_ACK);
	request.nlh.nlmsg_len = NLMSG_HDRLEN - 1;
	client_send_raw(&self->client, &request, NLMSG_HDRLEN + GENL_HDRLEN);
	EXPECT_EQ(-ETIME, client_await(&self->client, &request, 50));
}

TEST_F(ignored, length_longer_than_the_datagram)
{
	request_begin(&request, &self->client, DROPTRACE_CMD_FILTER_ADD, NLM_F_ACK);
	request.nlh.nlmsg_len = 4096;
	client_send_raw(&self->client, &request, NLMSG_HDRLEN + GENL_HDRLEN);
	EXPECT_EQ(-ETIME, client_await(&self->client, &request, 50));
}

TEST_F(ignored, no_more_than_a_few_bytes)
{
	client_send_raw(&self->client, "droptrace", 9);
	EXPECT_EQ(-ETIME, client_await(&self->client, NULL, 50));
}

/* Acknowledged, by the kernel's custom, and not carried out. */
TEST_F(ignored, message_that_is_no_request)
{
	request_begin(&request, &self->client, DROPTRACE_CMD_FILTER_ADD, NLM_F_ACK);
	request.nlh.nlmsg_flags &= ~NLM_F_REQUEST;
	client_send(&self->client, &request);
	EXPECT_EQ(0, client_await(&self->client, &request, PATIENCE));
	EXPECT_FALSE(self->client.replied);
}

/* --- refusals that need a history --- */

FIXTURE(history)
{
	struct client client;
};

FIXTURE_SETUP(history)
{
	client_open(&self->client);
}

FIXTURE_TEARDOWN(history)
{
	struct client watcher;

	client_filter_del_all(&self->client);
	client_close(&self->client);
	client_open(&watcher);
	EXPECT_TRUE(client_await_idle(&watcher));
	client_close(&watcher);
}

TEST_F(history, filter_65_is_enospc)
{
	struct status status;
	int i;

	for (i = 0; i < DROPTRACE_FILTERS_MAX; i++)
		ASSERT_LT(0, filter_add(&self->client, .rate = 1));
	EXPECT_EQ(-ENOSPC, filter_add(&self->client, .rate = 1));
	EXPECT_STREQ("there are 64 filters already", self->client.text);
	EXPECT_EQ(-ENOSPC, filter_add(&self->client, .owned = true));
	client_status(&self->client, &status);
	EXPECT_EQ(DROPTRACE_FILTERS_MAX, status.filters);
	EXPECT_EQ(DROPTRACE_FILTERS_MAX, status.objects);
	EXPECT_EQ(0, status.sessions);
}

/* A session is a socket that streams, or owns filters or counters. */
TEST_F(history, session_65_is_enospc)
{
	static struct client clients[DROPTRACE_SESSIONS_MAX];
	int i, id;

	for (i = 0; i < DROPTRACE_SESSIONS_MAX; i++) {
		client_open(&clients[i]);
		id = i % 2 ? filter_add(&clients[i], .owned = true) :
			     session_start(&clients[i], .ring_size = DROPTRACE_RING_MIN);
		ASSERT_LT(0, id);
	}
	EXPECT_EQ(-ENOSPC, session_start(&self->client, .ring_size = DROPTRACE_RING_MIN));
	EXPECT_STREQ("there are 64 sessions already", self->client.text);
	EXPECT_EQ(-ENOSPC, filter_add(&self->client, .owned = true));
	EXPECT_STREQ("there are 64 sessions already", self->client.text);
	EXPECT_LT(0, filter_add(&self->client, .name = "unowned"));
	request_begin(&request, &self->client, DROPTRACE_CMD_COUNTER_SET, 0);
	request_put_u8(&request, A_COUNTER(ENABLE), 1);
	request_put_flag(&request, A_COUNTER(OWNED));
	EXPECT_EQ(-ENOSPC, client_call(&self->client, &request));

	client_close(&clients[0]);
	EXPECT_LT(0, session_start(&self->client, .ring_size = DROPTRACE_RING_MIN));
	for (i = 1; i < DROPTRACE_SESSIONS_MAX; i++)
		client_close(&clients[i]);
}

TEST_F(history, room_comes_back_with_a_deletion)
{
	int i, id = 0;

	for (i = 0; i < DROPTRACE_FILTERS_MAX; i++)
		id = filter_add(&self->client);
	ASSERT_LT(0, id);
	EXPECT_EQ(0, client_filter_del(&self->client, id - 40));
	EXPECT_EQ(-ENOENT, client_filter_del(&self->client, id - 40));
	/* and never an id twice */
	EXPECT_EQ(id + 1, filter_add(&self->client));
}

TEST_F(history, name_can_be_used_again_after_deletion)
{
	int id = filter_add(&self->client, .name = "again");

	ASSERT_LT(0, id);
	EXPECT_EQ(-EEXIST, filter_add(&self->client, .name = "again"));
	EXPECT_EQ(0, client_filter_del(&self->client, id));
	EXPECT_LT(0, filter_add(&self->client, .name = "again"));
}

TEST_F(history, start_twice_is_ebusy)
{
	int id = session_start(&self->client);
	struct session_info info[2];

	ASSERT_LT(0, id);
	EXPECT_EQ(-EBUSY, session_start(&self->client, .ring_size = 1 << 16));
	EXPECT_STREQ("this socket streams already", self->client.text);
	ASSERT_EQ(1, client_sessions(&self->client, info, 2));
	EXPECT_EQ(id, info[0].id);
	EXPECT_EQ(DROPTRACE_RING_DEFAULT, info[0].ring_size);
	EXPECT_EQ(1, info[0].streaming);
}

TEST_F(history, stop_twice_is_enoent)
{
	ASSERT_LT(0, session_start(&self->client));
	EXPECT_EQ(0, client_stop(&self->client));
	EXPECT_EQ(-ENOENT, client_stop(&self->client));
	EXPECT_STREQ("this socket does not stream", self->client.text);
	EXPECT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(-ENOENT, client_stop(&self->client));
}

TEST_F(history, bad_request_does_not_spoil_the_next_in_a_datagram)
{
	static char both[1024];
	struct filter_info info;
	size_t first;

	request_begin(&request, &self->client, DROPTRACE_CMD_FILTER_ADD, 0);
	request_put_string(&request, A_FILTER(NAME), "1");
	first = request.nlh.nlmsg_len;
	request.nlh.nlmsg_seq = 1000;
	memcpy(both, &request, first);
	request_begin(&request, &self->client, DROPTRACE_CMD_FILTER_ADD, NLM_F_ACK);
	request_put_string(&request, A_FILTER(NAME), "second");
	request.nlh.nlmsg_seq = ++self->client.seq;
	memcpy(both + NLMSG_ALIGN(first), &request, request.nlh.nlmsg_len);
	client_send_raw(&self->client, both, NLMSG_ALIGN(first) + request.nlh.nlmsg_len);
	EXPECT_EQ(0, client_await(&self->client, &request, PATIENCE));
	ASSERT_EQ(1, client_filters(&self->client, &info, 1));
	EXPECT_STREQ("second", info.name);
}

/* v6.1 looks at what is reserved, for families that do not ask it to look away. */
TEST_F(history, reserved_header_field_is_einval)
{
	struct utsname uts;
	int major, minor, read;

	uname(&uts);
	read = sscanf(uts.release, "%d.%d", &major, &minor);
	ASSERT_EQ(2, read);
	if (major < 6 || (major == 6 && minor < 1))
		SKIP(return, "this kernel does not look at the reserved field");
	request_begin(&request, &self->client, DROPTRACE_CMD_STATUS_GET, 0);
	((struct genlmsghdr *)(request.bytes + NLMSG_HDRLEN))->reserved = 1;
	EXPECT_EQ(-EINVAL, client_call(&self->client, &request));
}

/* --- at the limit --- */

FIXTURE(accepted)
{
	struct client client;
};

FIXTURE_VARIANT(accepted)
{
	__u8 cmd;
	void (*build)(struct request *req);
};

FIXTURE_SETUP(accepted)
{
	client_open(&self->client);
}

FIXTURE_TEARDOWN(accepted)
{
	struct client watcher;

	client_filter_del_all(&self->client);
	client_close(&self->client);
	client_open(&watcher);
	EXPECT_TRUE(client_await_idle(&watcher));
	client_close(&watcher);
}

TEST_F(accepted, at_the_limit)
{
	request_begin(&request, &self->client, variant->cmd, 0);
	variant->build(&request);
	EXPECT_EQ(0, client_call(&self->client, &request))
		TH_LOG("%s", self->client.text);
	EXPECT_TRUE(self->client.replied);
}

#define ACCEPTED(_name, _cmd)							\
	static void accepted_##_name(struct request *req);			\
	FIXTURE_VARIANT_ADD(accepted, _name) {					\
		.cmd = DROPTRACE_CMD_##_cmd, .build = accepted_##_name,		\
	};									\
	static void accepted_##_name(struct request *req)

ACCEPTED(name_of_31_letters, FILTER_ADD)
{
	put_text(req, A_FILTER(NAME), DROPTRACE_NAME_MAX, true);
}

ACCEPTED(name_of_every_kind, FILTER_ADD)
{
	request_put_string(req, A_FILTER(NAME), "Az09._-");
}

ACCEPTED(numbers_at_their_highest, FILTER_ADD)
{
	request_put_u32(req, A_FILTER(SNAPLEN), DROPTRACE_SNAPLEN_MAX);
	request_put_u32(req, A_FILTER(RATE), DROPTRACE_RATE_MAX);
	request_put_u64(req, A_FILTER(COUNT), ~0ULL);
	request_put_u32(req, A_FILTER(MARK), ~0U);
}

ACCEPTED(numbers_at_their_lowest, FILTER_ADD)
{
	request_put_u32(req, A_FILTER(SNAPLEN), 0);
	request_put_u32(req, A_FILTER(RATE), 1);
	request_put_u64(req, A_FILTER(COUNT), 0);
	request_put_u32(req, A_FILTER(MARK), 0);
	request_put_u32(req, A_FILTER(MARK_MASK), 0);
}

ACCEPTED(prog_of_4096_instructions, FILTER_ADD)
{
	static struct sock_filter prog[DROPTRACE_PROG_MAX];
	int i;

	for (i = 0; i < DROPTRACE_PROG_MAX; i++)
		prog[i] = (struct sock_filter)MATCH;
	request_put(req, A_FILTER(PROG), prog, sizeof(prog));
	request_put(req, A_FILTER(INNER_PROG), prog, sizeof(prog));
}

ACCEPTED(prog_with_every_allowed_load, FILTER_ADD)
{
	PROG(A_FILTER(PROG),
	     LD_PROTOCOL, LD_B(AD(SKF_AD_PKTTYPE)), LD_W(AD(SKF_AD_MARK)),
	     LD_W(AD(SKF_AD_RXHASH)), LD_H(AD(SKF_AD_QUEUE)), LD_H(AD(SKF_AD_VLAN_TAG)),
	     LD_B(AD(SKF_AD_VLAN_TAG_PRESENT)), LD_H(AD(SKF_AD_VLAN_TPID)),
	     LD_W(LL(0)), LD_W(0), LD_H(0), LD_B(0x7fffffff),
	     BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	     LD_LEN, MATCH);
}

ACCEPTED(lists_of_64, FILTER_ADD)
{
	__u64 ranges[DROPTRACE_RANGES_MAX][2];
	int i;

	for (i = 0; i < DROPTRACE_RANGES_MAX; i++) {
		ranges[i][0] = KERNEL_ADDRESS + i;
		ranges[i][1] = 0xffffffffffffffffULL;
	}
	request_put(req, A_FILTER(RANGES), ranges, sizeof(ranges));
	/* Reasons are an error where the kernel has none: nl_filter.c. */
}

ACCEPTED(texts_of_1023_bytes, FILTER_ADD)
{
	put_text(req, A_FILTER(EXPR), DROPTRACE_EXPR_MAX, true);
	put_text(req, A_FILTER(INNER_EXPR), DROPTRACE_EXPR_MAX, true);
	put_text(req, A_FILTER(FUNCTION), DROPTRACE_EXPR_MAX, true);
}

ACCEPTED(exclude_alone, FILTER_ADD)
{
	request_put_flag(req, A_FILTER(EXCLUDE));
}

ACCEPTED(session_of_the_smallest_ring, SESSION_START)
{
	request_put_u32(req, A_SESSION(RING_SIZE), DROPTRACE_RING_MIN);
	request_put_u32(req, A_SESSION(SNAPLEN), DROPTRACE_SNAPLEN_MAX);
	request_put_u32(req, A_SESSION(STACK_DEPTH), DROPTRACE_STACK_MAX);
}

TEST_HARNESS_MAIN
