// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths of real packets: a datagram to a port where nobody listens is dropped in
 * __udp4_lib_rcv(), with known functions around it.
 */
#include "path_fixture.h"

TEST_F_TIMEOUT(path, of_a_drop, 300)
{
	__u64 entry = symbol(UDP_RECEIVE);
	__u64 addresses[1000];
	unsigned int i, nr, exits = 0;
	const struct droptrace_step_enter *enter;
	const struct droptrace_step_drop *drop;
	const struct path *path;
	struct trace_info info;
	__u32 frame;
	int trace;

	ASSERT_TRUE(entry);
	nr = instructions(&self->client, UDP_RECEIVE, addresses, 1000);
	ASSERT_LT(20, nr);
	frame = code_function(&self->code, entry, RDI, DROPTRACE_FRAME_ROOT);
	for (i = 1; i < nr; i++) {
		bool exit = code_returns(addresses[i]);

		exits += exit;
		code_point(&self->code, addresses[i], frame,
			   exit ? DROPTRACE_POINT_EXIT : DROPTRACE_POINT_BLOCK,
			   exit ? RAX : DROPTRACE_NO_REG, DROPTRACE_NONE);
	}
	EXPECT_LT(0, exits);
	trace = trace_add(&self->client, .filters = &self->filter, .nr_filters = 1, .owned = true);
	ASSERT_LT(0, trace);
	ASSERT_EQ(0, trace_arm(&self->client, trace, &self->code, false))
		TH_LOG("%s", self->client.text);
	ASSERT_LT(0, session_start(&self->client, .filters = &self->filter, .nr_filters = 1,
				   .has_paths = true));
	send_to(self->fd, PORT_OTHER);
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	TH_LOG("%s", path_text(path));
	EXPECT_FALSE(path->malformed);
	EXPECT_TRUE(path->flags & DROPTRACE_PATH_DROPPED);
	EXPECT_EQ(1, path_count(path, DROPTRACE_STEP_ENTER));
	EXPECT_EQ(1, path_count(path, DROPTRACE_STEP_EXIT));
	EXPECT_EQ(1, path_count(path, DROPTRACE_STEP_DROP));
	EXPECT_LT(5, path_count(path, DROPTRACE_STEP_BLOCK));
	enter = (const void *)path_find(path, DROPTRACE_STEP_ENTER, 0)->data;
	drop = (const void *)path_find(path, DROPTRACE_STEP_DROP, 0)->data;
	EXPECT_EQ(step_u64(enter->skb), step_u64(enter->args[0]));
	EXPECT_EQ(step_u64(enter->skb), step_u64(drop->skb));
	EXPECT_LE(entry, step_u64(drop->location));
	EXPECT_GE(symbol_end(UDP_RECEIVE), step_u64(drop->location));
	EXPECT_EQ(0, step_reg(path_find(path, DROPTRACE_STEP_EXIT, 0)));
	EXPECT_TRUE(path->has_packet);
	EXPECT_EQ(step_u64(enter->skb), path->packet.skb);
	ASSERT_TRUE(client_await_events(&self->client, 2));
	EXPECT_EQ(path->context, self->client.kept[0].context);
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	EXPECT_EQ(1, info.live);
	EXPECT_EQ(1, info.opened);
	EXPECT_EQ(1, info.kept);
	TH_LOG("points %u armed %u optimized %u hits %llu missed %llu", info.nr_points,
	       info.nr_armed, info.nr_optimized, info.hits, info.missed);
	ASSERT_EQ(0, client_stop(&self->client));
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_TRUE(stream_adds_up(&self->client.stream))
		TH_LOG("%s", stream_describe(&self->client.stream));
}

/* --- more functions --- */

TEST_F(path, frames_are_nested_and_end_unseen)
{
	const struct step *step;
	__u64 skb, sp = ~0ULL;
	struct path *path;
	unsigned int i;

	ENTRY("ip_rcv", RDI, DROPTRACE_FRAME_ROOT);
	ENTRY("ip_protocol_deliver_rcu", RSI, 0);
	ENTRY(UDP_RECEIVE, RDI, 0);
	ASSERT_LT(0, BEGIN());
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	EXPECT_EQ(0, strncmp(path_text(path), "E0 E1 E2 D", 10)) TH_LOG("%s", path_text(path));
	skb = path->packet.skb;
	for (i = 0; i < 3; i++) {
		step = path_find(path, DROPTRACE_STEP_ENTER, i);
		const struct droptrace_step_enter *enter = (const void *)step->data;

		EXPECT_EQ(skb, step_u64(enter->skb));
		EXPECT_GT(sp, step_u64(enter->sp));
		sp = step_u64(enter->sp);
	}
	EXPECT_EQ(DROPTRACE_PATH_LAST | DROPTRACE_PATH_DROPPED, path->flags);
	EXPECT_TRUE(finish(&self->client));
}

/* The answer by ICMP is made in the middle of it: a packet that is not ours. */
TEST_F(path, other_packets_within_are_muted)
{
	struct path *path;

	ENTRY(UDP_RECEIVE, RDI, DROPTRACE_FRAME_ROOT);
	ENTRY("__icmp_send", RDI, 0);
	ENTRY("ip_output", RDX, 0);
	ENTRY("ip_finish_output2", RDX, 0);
	code_point(&self->code, symbol("loopback_xmit"),
		   code_frame(&self->code, symbol("loopback_xmit"), DROPTRACE_NONE, 0),
		   DROPTRACE_POINT_ENTRY, DROPTRACE_NO_REG, DROPTRACE_NONE);
	ASSERT_LT(0, BEGIN());
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	TH_LOG("%s", path_text(path));
	EXPECT_EQ(2, path_count(path, DROPTRACE_STEP_ENTER));
	EXPECT_EQ(0, path_find(path, DROPTRACE_STEP_ENTER, 0)->point);
	EXPECT_EQ(1, path_find(path, DROPTRACE_STEP_ENTER, 1)->point);
}

/*
 * The softirq that receives it interrupts the task that sends it, which is still in
 * ip_output(): two journeys, of which the second one ends in the drop.
 */
TEST_F(path, of_a_task_and_of_the_softirq_on_top_of_it_are_apart)
{
	struct trace_info info;
	struct path *path;
	int trace;

	ENTRY("ip_output", RDX, DROPTRACE_FRAME_ROOT);
	ENTRY("ip_rcv", RDI, DROPTRACE_FRAME_ROOT);
	trace = BEGIN();
	ASSERT_LT(0, trace);
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	EXPECT_EQ(0, strncmp(path_text(path), "E1 D", 4)) TH_LOG("%s", path_text(path));
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	EXPECT_EQ(2, info.opened);
	EXPECT_EQ(1, info.kept);
}

/* Two functions one behind the other, both left before it is dropped in a third. */
TEST_F(path, goes_on_in_another_function_and_ends_where_it_is_dropped)
{
	__u64 addresses[400];
	struct trace_info info;
	unsigned int i, nr;
	struct path *path;
	int trace;

	ENTRY("ip_send_skb", RSI, DROPTRACE_FRAME_ROOT);
	ENTRY(UDP_RECEIVE, RDI, DROPTRACE_FRAME_ROOT);
	nr = instructions(&self->client, "skb_push", addresses, 400);
	ASSERT_LT(3, nr);
	code_function(&self->code, addresses[0], RDI, DROPTRACE_FRAME_ROOT);
	for (i = 1; i < nr; i++)
		if (code_returns(addresses[i]))
			code_point(&self->code, addresses[i], 2, DROPTRACE_POINT_EXIT, RAX,
				   DROPTRACE_NONE);
	trace = BEGIN();
	ASSERT_LT(0, trace);
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	TH_LOG("%s", path_text(path));
	EXPECT_EQ(1, path_count(path, DROPTRACE_STEP_DROP));
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
}

/* Nothing of it is seen but its beginning, on the way out; it is dropped on the way in. */
TEST_F(path, of_a_packet_that_is_dropped_long_after)
{
	struct path *path;

	ENTRY("ip_output", RDX, DROPTRACE_FRAME_ROOT);
	ASSERT_LT(0, BEGIN());
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	EXPECT_EQ(1, path_count(path, DROPTRACE_STEP_ENTER)) TH_LOG("%s", path_text(path));
	EXPECT_EQ(1, path_count(path, DROPTRACE_STEP_DROP));
	ASSERT_TRUE(client_await_events(&self->client, 2));
	EXPECT_EQ(path->context, self->client.kept[0].context);
}

TEST_F(path, of_packets_that_pass_as_many_as_asked)
{
	struct trace_info info;
	int fd = receiver(PORT), trace, i;

	ASSERT_LE(0, fd);
	ENTRY("ip_rcv", RDI, DROPTRACE_FRAME_ROOT);
	ENTRY("udp_rcv", RDI, 0);
	trace = BEGIN(.passing = 3);
	ASSERT_LT(0, trace);
	for (i = 0; i < 6; i++)
		send_to(self->fd, PORT);
	send_to(self->fd, PORT_OTHER);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 3));
	sleep_ms(800);
	EXPECT_TRUE(finish(&self->client));
	EXPECT_EQ(3, self->paths.whole);
	EXPECT_EQ(0, self->paths.of[0].flags & DROPTRACE_PATH_DROPPED);
	EXPECT_TRUE(self->paths.of[0].has_packet);
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	EXPECT_EQ(6, info.opened);
	EXPECT_EQ(3, info.kept);
	close(fd);
}

TEST_F(path, nothing_of_packets_that_pass_where_not_asked)
{
	struct trace_info info;
	int fd = receiver(PORT), trace, i;
	char bytes[16];

	ENTRY("ip_rcv", RDI, DROPTRACE_FRAME_ROOT);
	trace = BEGIN();
	ASSERT_LT(0, trace);
	/* more than can wait */
	for (i = 0; i < 500; i++) {
		send_to(self->fd, PORT);
		ASSERT_EQ(5, recv(fd, bytes, sizeof(bytes), 0));
	}
	sleep_ms(600);
	EXPECT_TRUE(finish(&self->client));
	EXPECT_EQ(0, self->paths.whole);
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	EXPECT_EQ(500, info.opened);
	EXPECT_EQ(0, info.kept);
	EXPECT_EQ(0, info.no_context);
	close(fd);
}

/* A program of @items values, each @bytes of the running task. */
static __u32 prog_of_values(struct code *code, unsigned int items, unsigned int bytes)
{
	struct droptrace_insn insns[200] = { INSN(TASK, 1, 0, 0, 0) };
	unsigned int i, nr = 1;

	for (i = 0; i < items; i++) {
		insns[nr++] = INSN(ITEM, 0, 0, 1, i);
		insns[nr++] = INSN(OUT_MEM, 0, 1, 0, bytes);
	}
	insns[nr++] = INSN(END, 0, 0, 0, 0);
	return code_prog(code, insns, nr);
}

TEST_F(path, that_finds_too_little_room_says_so_and_keeps_the_drop)
{
	struct trace_info info;
	struct path *path;
	int trace;

	ENTRY(UDP_RECEIVE, RDI, DROPTRACE_FRAME_ROOT);
	self->code.points[0].prog = prog_of_values(&self->code, 10, 900);
	trace = BEGIN(.path_size = DROPTRACE_PATH_MIN);
	ASSERT_LT(0, trace);
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	EXPECT_FALSE(path->malformed);
	EXPECT_TRUE(path->flags & DROPTRACE_PATH_TRUNCATED);
	EXPECT_EQ(4, path_count(path, DROPTRACE_STEP_VALUE))
		TH_LOG("%s: %zu bytes", path_text(path), path->len);
	EXPECT_EQ(1, path_count(path, DROPTRACE_STEP_DROP));
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	EXPECT_EQ(1, info.truncated);
}

TEST_F(path, longer_than_a_page_comes_in_parts)
{
	const struct droptrace_step_value *value;
	struct path *path;
	unsigned int i;

	ENTRY(UDP_RECEIVE, RDI, DROPTRACE_FRAME_ROOT);
	self->code.points[0].prog = prog_of_values(&self->code, 60, DROPTRACE_ITEM_MAX);
	ASSERT_LT(0, BEGIN(.path_size = DROPTRACE_PATH_MAX, .has_snaplen = true,
			   .snaplen = DROPTRACE_SNAPLEN_MAX));
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	EXPECT_FALSE(path->malformed);
	EXPECT_LT(15, path->chunks);
	EXPECT_FALSE(path->flags & DROPTRACE_PATH_TRUNCATED);
	EXPECT_EQ(60, path_count(path, DROPTRACE_STEP_VALUE));
	for (i = 0; i < 60; i++) {
		value = (const void *)path_find(path, DROPTRACE_STEP_VALUE, i)->data;
		EXPECT_EQ(i, value->item);
		EXPECT_EQ(4 + DROPTRACE_ITEM_MAX, path_find(path, DROPTRACE_STEP_VALUE, i)->len);
	}
	EXPECT_TRUE(finish(&self->client));
}

/* What values say: numbers, registers, faults, cuts, strings, loops. */
TEST_F(path, values_are_what_the_program_says)
{
	const __u32 wide[] = { 0x89abcdef, 0x01234567 };
	const struct droptrace_insn insns[] = {
		INSN(LDI64, 3, 0, 0, 0), INSN(END, 0, 0, 0, 0),		/* filled in below */
		INSN(ITEM, 0, 0, 0, 0), INSN(OUT, 0, 3, 8, 0),
		INSN(ITEM, 0, 0, 0, 1), INSN(REG, 4, 0, 0, RDI), INSN(SKB, 5, 0, 0, 0),
		INSN(EQ, 4, 5, 0, 0), INSN(OUT, 0, 4, 1, 0),
		/* a fault goes on behind the item */
		INSN(ITEM, 0, 0, 3, 2), INSN(LDI, 6, 0, 0, 5), INSN(OUT, 0, 6, 2, 0),
		INSN(LOAD, 6, 6, 8, 0),
		INSN(ITEM, 0, 0, 2, 3), INSN(LDI, 6, 0, 0, 0),
		INSN(DIVU, 3, 6, 0, 0),
		/* more than a value may have */
		INSN(ITEM, 0, 0, 0, 4), INSN(TASK, 1, 0, 0, 0),
		INSN(OUT_MEM, 0, 1, 0, 1000), INSN(OUT_MEM, 0, 1, 0, 100),
		/* the name of the running task, or nearly: a string without an end */
		INSN(ITEM, 0, 0, 0, 5), INSN(TASK, 7, 0, 0, 0), INSN(OUT, 0, 7, 8, 0),
		INSN(ITEM, 0, 0, 0, 6), INSN(ARG, 8, 0, 0, RDI), INSN(SUB, 8, 5, 0, 0),
		INSN(OUT, 0, 8, 8, 0),
		INSN(ITEM, 0, 0, 1, 7), INSN(ARG, 8, 0, 0, RBX), INSN(ITEM, 0, 0, 0, 8),
		INSN(JMP, 0, 0, -1, 0),
	};
	static const __u16 status[] = {
		DROPTRACE_VALUE_OK, DROPTRACE_VALUE_OK, DROPTRACE_VALUE_FAULT,
		DROPTRACE_VALUE_FAULT, DROPTRACE_VALUE_CUT, DROPTRACE_VALUE_OK,
		DROPTRACE_VALUE_OK, DROPTRACE_VALUE_FAULT, DROPTRACE_VALUE_STEPS,
	};
	static const __u32 len[] = { 8, 4, 4, 0, DROPTRACE_ITEM_MAX, 8, 8, 0, 0 };
	const struct droptrace_step_value *value;
	const struct step *step;
	struct path *path;
	unsigned int i;

	ENTRY(UDP_RECEIVE, RDI, DROPTRACE_FRAME_ROOT);
	i = self->code.nr_insns;
	self->code.points[0].prog = code_prog(&self->code, insns, sizeof(insns) / sizeof(*insns));
	memcpy(&self->code.insns[i + 1], wide, sizeof(wide));
	ASSERT_LT(0, BEGIN());
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	ASSERT_EQ(9, path_count(path, DROPTRACE_STEP_VALUE)) TH_LOG("%s", path_text(path));
	for (i = 0; i < 9; i++) {
		step = path_find(path, DROPTRACE_STEP_VALUE, i);
		value = (const void *)step->data;
		EXPECT_EQ(i, value->item);
		EXPECT_EQ(status[i], value->status) TH_LOG("value %u", i);
		EXPECT_EQ(len[i], step->len - 4) TH_LOG("value %u", i);
	}
	step = path_find(path, DROPTRACE_STEP_VALUE, 0);
	EXPECT_EQ(0x0123456789abcdefULL, step_u64((const __u32 *)(step->data + 4)));
	EXPECT_EQ(1, path_find(path, DROPTRACE_STEP_VALUE, 1)->data[4]);
	EXPECT_EQ(0, step_u64((const __u32 *)(path_find(path, DROPTRACE_STEP_VALUE, 6)->data + 4)));
}

/* Every call of a function, whatever its packet; the drop tells which it was. */
TEST_F(path, of_any_packet_and_what_is_not_known_at_first)
{
	struct path *path;
	__u32 frame;

	frame = code_frame(&self->code, symbol("udp_sendmsg"), DROPTRACE_NONE,
			   DROPTRACE_FRAME_ROOT | DROPTRACE_FRAME_ANY);
	code_point(&self->code, symbol("udp_sendmsg"), frame, DROPTRACE_POINT_ENTRY,
		   DROPTRACE_NO_REG, DROPTRACE_NONE);
	ENTRY("ip_output", RDX, 0);
	ASSERT_LT(0, BEGIN());
	send_to(self->fd, PORT_OTHER);
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	path = &self->paths.of[0];
	EXPECT_EQ(0, strncmp(path_text(path), "E0 E1", 5)) TH_LOG("%s", path_text(path));
	EXPECT_EQ(0, step_u64(((const struct droptrace_step_enter *)
			       path_find(path, DROPTRACE_STEP_ENTER, 0)->data)->skb));
	EXPECT_TRUE(path->has_packet);
}

TEST_F(path, goes_to_those_who_asked)
{
	struct client other;
	struct paths paths;
	__u32 filter, trace;

	client_open(&other);
	paths_begin(&paths, &other, 10);
	ENTRY(UDP_RECEIVE, RDI, DROPTRACE_FRAME_ROOT);
	filter = filter_add(&self->client, .prog = to_port);
	trace = trace_add(&self->client, .filters = &filter, .nr_filters = 1);
	ASSERT_EQ(0, trace_arm(&self->client, trace, &self->code, false));
	ASSERT_LT(0, session_start(&self->client, .filters = &filter, .nr_filters = 1));
	ASSERT_LT(0, session_start(&other, .filters = &filter, .nr_filters = 1, .has_paths = true));
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&paths, &other, 1));
	EXPECT_TRUE(finish(&self->client));
	EXPECT_EQ(0, self->paths.whole);
	EXPECT_TRUE(finish(&other));
	/* the other is not the owner, and it stays */
	client_forget(&other);
	ASSERT_LT(0, session_start(&other, .filters = &filter, .nr_filters = 1, .has_paths = true,
				   .paths = &trace, .nr_paths = 1));
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&paths, &other, 2));
	paths_end(&paths, &other);
	client_close(&other);
	client_filter_del_all(&self->client);
}

TEST_F(path, filters_that_exclude_count)
{
	struct trace_info info;
	__u32 filter;
	int trace;

	ENTRY(UDP_RECEIVE, RDI, DROPTRACE_FRAME_ROOT);
	trace = BEGIN();
	ASSERT_LT(0, trace);
	filter = filter_add(&self->client, .prog = to_port, .exclude = true, .owned = true);
	send_to(self->fd, PORT);
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	EXPECT_EQ(0, info.opened);
	EXPECT_EQ(0, client_filter_del(&self->client, filter));
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	/* and nothing is followed once its filter is gone */
	EXPECT_EQ(0, client_filter_del(&self->client, self->filter));
	send_to(self->fd, PORT);
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	EXPECT_EQ(1, info.opened);
}

TEST_F(path, points_can_be_added_while_it_is_live)
{
	struct trace_info info;
	struct path *path;
	int trace;

	ENTRY("ip_rcv", RDI, DROPTRACE_FRAME_ROOT);
	trace = BEGIN();
	ASSERT_LT(0, trace);
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 1));
	code_begin(&self->code);
	ENTRY(UDP_RECEIVE, RDI, 0);
	/* named by their places in the whole trace */
	self->code.points[0].frame = 1;
	self->code.frames[0].packet = 1;
	ASSERT_EQ(0, trace_arm(&self->client, trace, &self->code, false));
	send_to(self->fd, PORT);
	ASSERT_TRUE(paths_await(&self->paths, &self->client, 2));
	path = &self->paths.of[1];
	EXPECT_EQ(0, strncmp(path_text(path), "E0 E1 D", 7)) TH_LOG("%s", path_text(path));
	ASSERT_TRUE(client_trace_info(&self->client, trace, &info));
	EXPECT_EQ(2, info.nr_armed);
}

static __attribute__((constructor)) void load(void)
{
	symbols_load();
}

TEST_HARNESS_MAIN
