// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of sessions: how they begin and end, that nothing outlives the socket
 * it belongs to, whatever end that comes to, and that every event is accounted for.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "progs.h"
#include "traffic.h"

/* Frames of traffic_drop(), by their EtherType. */
static const struct sock_filter of_ours[] = LOAD_EQUALS(LD_PROTOCOL, TRAFFIC_TYPE);

FIXTURE(session)
{
	struct client watcher;	/* asks for the state */
	struct client client;	/* streams */
	__u32 netns;
	int fd;			/* a packet socket on lo */
};

FIXTURE_SETUP(session)
{
	self->netns = net_isolate();
	client_open(&self->watcher);
	ASSERT_TRUE(client_await_idle(&self->watcher));
	client_open(&self->client);
	self->fd = packet_open("lo");
}

FIXTURE_TEARDOWN(session)
{
	if (self->client.fd >= 0)
		client_close(&self->client);
	client_filter_del_all(&self->watcher);
	EXPECT_TRUE(client_await_idle(&self->watcher));
	client_close(&self->watcher);
	close(self->fd);
}

/* Adds a filter for the test's own frames in its own namespace, and starts. */
static int start_own(struct client *client, __u32 netns, __u32 ring_size)
{
	struct filter filter = {
		.prog = of_ours, .netns = netns, .owned = true,
	};
	__u32 id = client_filter_add(client, &filter);
	struct session session = { .ring_size = ring_size, .filters = &id, .nr_filters = 1 };

	return (int)id < 0 ? (int)id : client_start(client, &session);
}

static void drop(int fd, unsigned int count)
{
	traffic_drop(fd, TRAFFIC_TYPE, count, NULL);
}

/* Requests whose answers are not waited for. */
static void request_only(struct client *client, __u8 cmd)
{
	static struct request request;

	request_begin(&request, client, cmd, 0);
	client_send(client, &request);
}

static void request_stop(struct client *client)
{
	request_only(client, DROPTRACE_CMD_SESSION_STOP);
}

static void request_status(struct client *client)
{
	request_only(client, DROPTRACE_CMD_STATUS_GET);
}

static bool await_delivered(struct client *watcher, __u64 delivered)
{
	__u64 until = now_ms() + PATIENCE;
	struct status status;

	do {
		client_status(watcher, &status);
		if (status.delivered >= delivered)
			return true;
		sleep_ms(5);
	} while (now_ms() < until);
	return false;
}

/* Asks another family for something, and does not read the answer. */
static void close_unread_netlink(void)
{
	static struct request request;
	struct client client;

	client_open(&client);
	request_begin(&request, &client, CTRL_CMD_GETFAMILY, NLM_F_DUMP);
	request.nlh.nlmsg_type = GENL_ID_CTRL;
	client_send(&client, &request);
	client_close(&client);
}

TEST_F(session, drop_after_the_reply_is_reported)
{
	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	drop(self->fd, 1);
	EXPECT_TRUE(client_await_events(&self->client, 1));
	EXPECT_EQ(0, client_stop(&self->client));
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(1, self->client.stream.produced);
	EXPECT_TRUE(stream_adds_up(&self->client.stream));
	EXPECT_EQ(DROPTRACE_END_STOPPED, self->client.stream.cause);
}

TEST_F(session, drop_before_the_start_is_not)
{
	drop(self->fd, 3);
	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	drop(self->fd, 1);
	client_stop(&self->client);
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(1, self->client.stream.produced);
}

TEST_F(session, drop_after_the_stop_is_not)
{
	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	drop(self->fd, 1);
	EXPECT_EQ(0, client_stop(&self->client));
	drop(self->fd, 3);
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(1, self->client.stream.produced);
	EXPECT_EQ(1, self->client.stream.events);
}

TEST_F(session, probe_is_armed_only_while_streaming)
{
	struct status status;

	client_status(&self->watcher, &status);
	EXPECT_EQ(0, status.armed);
	ASSERT_LT(0, filter_add(&self->client, .owned = true));
	client_status(&self->watcher, &status);
	EXPECT_EQ(0, status.armed);
	ASSERT_LT(0, session_start(&self->client));
	client_status(&self->watcher, &status);
	EXPECT_EQ(1, status.armed);
	EXPECT_EQ(0, client_stop(&self->client));
	client_status(&self->watcher, &status);
	EXPECT_EQ(0, status.armed);
}

TEST_F(session, list_says_who_streams_what)
{
	struct session_info info[2];
	__u32 id;

	id = filter_add(&self->client, .owned = true);
	ASSERT_LT(0, session_start(&self->client, .ring_size = 1 << 16,
				   .has_snaplen = true, .snaplen = 77, .stack_depth = 5,
				   .filters = &id, .nr_filters = 1));
	ASSERT_EQ(1, client_sessions(&self->watcher, info, 2));
	EXPECT_EQ(self->client.portid, info->portid);
	EXPECT_EQ(getpid(), info->pid);
	EXPECT_STREQ("nl_session", info->comm);
	EXPECT_EQ(1 << 16, info->ring_size);
	EXPECT_EQ(77, info->snaplen);
	EXPECT_EQ(5, info->stack_depth);
	EXPECT_EQ(1, info->nr_filters);
	EXPECT_EQ(1, info->streaming);
	drop(self->fd, 2);
	EXPECT_TRUE(client_await_events(&self->client, 2));
	ASSERT_EQ(1, client_sessions(&self->watcher, info, 2));
	EXPECT_LE(2, info->produced);
	EXPECT_LE(2, info->delivered);
}

/* --- the end by the client's word --- */

TEST_F(session, restart_after_the_end_counts_anew)
{
	int id = start_own(&self->client, self->netns, 0);

	ASSERT_LT(0, id);
	drop(self->fd, 5);
	client_stop(&self->client);
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(5, self->client.stream.events);

	ASSERT_LT(0, start_own(&self->client, self->netns, DROPTRACE_RING_MIN));
	drop(self->fd, 2);
	client_stop(&self->client);
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(2, self->client.stream.events);
	EXPECT_EQ(2, self->client.stream.produced);
	EXPECT_TRUE(stream_adds_up(&self->client.stream));
}

/* Room for two messages of full size and some acknowledgements. */
#define ROOM_FOR_TWO	40000

TEST_F(session, stop_still_sends_what_is_in_the_ring)
{
	struct session_info info[2];

	client_set_rcvbuf(&self->client, ROOM_FOR_TWO);
	ASSERT_LT(0, start_own(&self->client, self->netns, 1 << 19));
	drop(self->fd, 1000);
	/* Two clients look: the one that streams must not read yet. */
	request_stop(&self->client);
	ASSERT_EQ(1, client_sessions(&self->watcher, info, 2));
	EXPECT_EQ(0, info->streaming);
	EXPECT_EQ(1000, info->produced);
	EXPECT_GT(1000, info->delivered);

	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(1000, self->client.stream.events);
	EXPECT_EQ(1000, self->client.stream.produced);
	EXPECT_EQ(0, loss_sum(&self->client.stream.loss));
	EXPECT_TRUE(stream_adds_up(&self->client.stream));
}

/* Answers among all that a socket holds, which is thrown away. */
static int count_answers(struct client *client)
{
	const struct nlmsghdr *nlh = (const void *)client->buffer;
	int answers = 0;
	ssize_t len;

	for (;;) {
		len = recv(client->fd, client->buffer, 65536, MSG_DONTWAIT);
		if (len > 0)
			answers += nlh->nlmsg_type == client->family && nlh->nlmsg_seq;
		else if (errno != ENOBUFS)	/* said once, of answers that are lost */
			return answers;
	}
}

/* Answers have room of their own in a socket that nobody reads. */
TEST_F(session, answers_come_to_a_socket_that_is_full_of_events)
{
	int i;

	client_set_rcvbuf(&self->client, ROOM_FOR_TWO);
	ASSERT_LT(0, start_own(&self->client, self->netns, 1 << 19));
	drop(self->fd, 1000);
	ASSERT_TRUE(await_delivered(&self->watcher, 100));
	sleep_ms(50);	/* the worker has filled the socket */
	for (i = 0; i < 16; i++)
		request_status(&self->client);
	EXPECT_EQ(16, count_answers(&self->client));
}

TEST_F(session, operations_work_on_a_socket_that_streams)
{
	struct session_info info[2];
	struct status status;

	client_set_rcvbuf(&self->client, ROOM_FOR_TWO);
	ASSERT_LT(0, start_own(&self->client, self->netns, 1 << 19));
	drop(self->fd, 1000);
	/* The answers stand among the events, which are taken in on the way. */
	EXPECT_EQ(0, client_status(&self->client, &status));
	EXPECT_EQ(1, client_sessions(&self->client, info, 2));
	ASSERT_TRUE(client_await_events(&self->client, 1000));
	client_stop(&self->client);
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(0, loss_sum(&self->client.stream.loss));
	EXPECT_TRUE(stream_adds_up(&self->client.stream));
}

TEST_F(session, start_while_draining_is_ebusy)
{
	client_set_rcvbuf(&self->client, ROOM_FOR_TWO);
	ASSERT_LT(0, start_own(&self->client, self->netns, 1 << 19));
	drop(self->fd, 1000);
	request_stop(&self->client);
	/* Judged while the request is sent, before the answer is waited for. */
	EXPECT_EQ(-EBUSY, session_start(&self->client));
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_EQ(1000, self->client.stream.produced);
}

TEST_F(session, end_comes_to_a_socket_of_the_least_size)
{
	client_set_rcvbuf(&self->client, 1);
	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	drop(self->fd, 1);
	EXPECT_TRUE(client_await_events(&self->client, 1));
	EXPECT_EQ(0, client_stop(&self->client));
	ASSERT_TRUE(client_await_end(&self->client));
	EXPECT_TRUE(stream_adds_up(&self->client.stream));
}

/*
 * A socket is overrun by answers to its own requests; until it has been read to
 * the end the kernel refuses it everything, though there is room again.
 */
static void overrun(struct client *client)
{
	int i;

	for (i = 0; i < 400; i++)
		request_status(client);
	for (i = 0; i < 40; i++)
		recv(client->fd, client->buffer, 4096, MSG_DONTWAIT);
}

TEST_F(session, end_comes_after_an_overrun)
{
	client_set_rcvbuf(&self->client, ROOM_FOR_TWO);
	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	overrun(&self->client);
	request_stop(&self->client);
	sleep_ms(50);	/* the worker has tried */
	EXPECT_TRUE(client_await_end(&self->client));
}

/* --- what is the module's own is no drop --- */

/* Messages of the family among what a session of everything was shown. */
static int own_messages(const struct client *client)
{
	const struct nlmsghdr *nlh;
	int own = 0;
	size_t i;

	for (i = 0; i < client->nr_kept; i++) {
		nlh = (const void *)client->kept[i].packet;
		own += client->kept[i].packet_len >= NLMSG_HDRLEN &&
		       nlh->nlmsg_type == client->family;
	}
	return own;
}

TEST_F(session, refused_message_is_no_drop)
{
	struct client everything;

	client_set_rcvbuf(&self->client, ROOM_FOR_TWO);
	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	overrun(&self->client);

	client_open(&everything);
	client_keep(&everything, 1000);
	ASSERT_LT(0, session_start(&everything));
	drop(self->fd, 1);
	ASSERT_TRUE(client_await_events(&everything, 1));
	sleep_ms(100);	/* the worker has tried again and again */
	client_stop(&everything);
	ASSERT_TRUE(client_await_end(&everything));
	EXPECT_EQ(0, own_messages(&everything));
	client_close(&everything);
}

TEST_F(session, unread_messages_of_a_closed_socket_are_no_drops)
{
	struct client everything;

	client_open(&everything);
	client_keep(&everything, 2000);
	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	ASSERT_LT(0, session_start(&everything));
	drop(self->fd, 300);
	ASSERT_TRUE(client_await_events(&everything, 300));
	ASSERT_TRUE(await_delivered(&self->watcher, 300));
	client_close(&self->client);

	/* A netlink message of somebody else that is closed unread is a drop. */
	close_unread_netlink();
	/* After a grace period, as those of the socket that was closed before it. */
	ASSERT_TRUE(client_await_events(&everything, 301));
	drop(self->fd, 1);
	client_stop(&everything);
	ASSERT_TRUE(client_await_end(&everything));
	EXPECT_EQ(0, own_messages(&everything));
	EXPECT_LT(301, everything.stream.events);
	EXPECT_GT(320, everything.stream.events);
	client_close(&everything);
}

/* --- the end without a word --- */

TEST_F(session, closing_leaves_nothing)
{
	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	drop(self->fd, 10);
	client_close(&self->client);
	EXPECT_TRUE(client_await_idle(&self->watcher));
}

TEST_F(session, closing_takes_owned_filters_and_leaves_others)
{
	struct filter_info infos[4];

	ASSERT_LT(0, filter_add(&self->client, .name = "stays"));
	ASSERT_LT(0, filter_add(&self->client, .name = "goes", .owned = true));
	ASSERT_EQ(2, client_filters(&self->watcher, infos, 4));
	EXPECT_FALSE(infos[0].owned);
	EXPECT_TRUE(infos[1].owned);
	client_close(&self->client);
	ASSERT_EQ(1, client_filters(&self->watcher, infos, 4));
	EXPECT_STREQ("stays", infos[0].name);
}

TEST_F(session, closing_is_accounted_for)
{
	struct status before, after;

	client_status(&self->watcher, &before);
	client_set_rcvbuf(&self->client, ROOM_FOR_TWO);
	ASSERT_LT(0, start_own(&self->client, self->netns, 1 << 19));
	drop(self->fd, 1000);
	ASSERT_TRUE(await_delivered(&self->watcher, before.delivered + 1));
	sleep_ms(20);	/* a message waits for room in the socket */
	client_close(&self->client);
	client_status(&self->watcher, &after);
	EXPECT_EQ(before.produced + 1000, after.produced);
	EXPECT_LT(before.loss.undelivered, after.loss.undelivered);
	EXPECT_EQ(after.produced - before.produced,
		  after.delivered - before.delivered + loss_sum(&after.loss) -
		  loss_sum(&before.loss));
}

/* A child that streams, drops @frames without reading, and then waits to be killed. */
static pid_t streaming_child(__u32 netns, int fd, unsigned int frames, int *ready)
{
	struct client client;
	int pipe_fds[2];
	pid_t pid;

	if (pipe(pipe_fds))
		return -1;
	pid = fork();
	if (pid) {
		close(pipe_fds[1]);
		*ready = pipe_fds[0];
		return pid;
	}
	client_open(&client);
	client_set_rcvbuf(&client, ROOM_FOR_TWO);
	filter_add(&client, .name = "stays");
	if (start_own(&client, netns, 1 << 19) < 0)
		_exit(1);
	drop(fd, frames);
	if (write(pipe_fds[1], "r", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

TEST_F(session, killing_leaves_nothing_but_what_was_to_stay)
{
	struct filter_info infos[4];
	struct status status;
	int ready, wstatus;
	char byte;
	pid_t pid;

	pid = streaming_child(self->netns, self->fd, 1000, &ready);
	ASSERT_LT(0, pid);
	ASSERT_EQ(1, read(ready, &byte, 1));
	client_status(&self->watcher, &status);
	EXPECT_EQ(1, status.armed);
	EXPECT_EQ(1, status.sessions);
	EXPECT_EQ(2, status.filters);

	kill(pid, SIGKILL);
	waitpid(pid, &wstatus, 0);
	EXPECT_TRUE(WIFSIGNALED(wstatus));
	client_status(&self->watcher, &status);
	EXPECT_EQ(0, status.armed);
	EXPECT_EQ(0, status.sessions);
	EXPECT_EQ(1, status.objects);
	ASSERT_EQ(1, client_filters(&self->watcher, infos, 4));
	EXPECT_STREQ("stays", infos[0].name);
	close(ready);
}

TEST_F(session, killing_in_a_storm_leaves_nothing)
{
	struct storm storm;
	int i, ready;
	char byte;
	pid_t pid;

	storm_start(&storm, cpus_online() < 4 ? cpus_online() : 4, 0, TRAFFIC_TYPE);
	for (i = 0; i < 10; i++) {
		pid = streaming_child(self->netns, self->fd, 1, &ready);
		EXPECT_EQ(1, read(ready, &byte, 1));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		client_filter_del_all(&self->watcher);
		EXPECT_TRUE(client_await_idle(&self->watcher));
		close(ready);
	}
	EXPECT_LT(0, storm_end(&storm, true));
}

/* The socket is what counts, not the process that began. */
TEST_F(session, descriptor_inherited_keeps_it)
{
	struct status status;
	int hold[2], wstatus;
	pid_t pid;

	ASSERT_EQ(0, pipe(hold));
	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	pid = fork();
	if (!pid) {
		char byte;

		close(hold[1]);
		_exit(read(hold[0], &byte, 1));
	}
	close(hold[0]);
	client_close(&self->client);
	client_status(&self->watcher, &status);
	EXPECT_EQ(1, status.sessions);
	EXPECT_EQ(1, status.armed);
	close(hold[1]);
	waitpid(pid, &wstatus, 0);
	EXPECT_TRUE(client_await_idle(&self->watcher));
}

TEST_F(session, successor_on_the_port_is_sent_nothing)
{
	struct client successor;
	struct storm storm;
	int i;

	storm_start(&storm, 1, 0, TRAFFIC_TYPE);
	for (i = 0; i < 20; i++) {
		/* The first socket of a process has its pid for a port, free or not. */
		ASSERT_LT(0, start_own(&self->client, self->netns, 0));
		client_await_events(&self->client, 1);
		client_close(&self->client);
		client_open(&successor);
		client_take(&successor, 20);
		EXPECT_EQ(0, successor.stream.messages);
		self->client = successor;
	}
	storm_end(&storm, true);
}

/* --- several --- */

TEST_F(session, two_are_apart)
{
	static const struct sock_filter of_others[] = LOAD_EQUALS(LD_PROTOCOL, TRAFFIC_TYPE_OTHER);
	struct filter filter = {
		.prog = of_others, .netns = self->netns,
	};
	struct client other;
	__u32 id;

	client_open(&other);
	id = client_filter_add(&other, &filter);
	ASSERT_LT(0, session_start(&other, .filters = &id, .nr_filters = 1));
	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	traffic_drop(self->fd, TRAFFIC_TYPE, 3, NULL);
	traffic_drop(self->fd, TRAFFIC_TYPE_OTHER, 5, NULL);
	traffic_drop(self->fd, TRAFFIC_TYPE_OTHER + 1, 7, NULL);

	client_stop(&self->client);
	traffic_drop(self->fd, TRAFFIC_TYPE_OTHER, 1, NULL);
	client_stop(&other);
	ASSERT_TRUE(client_await_end(&self->client));
	ASSERT_TRUE(client_await_end(&other));
	EXPECT_EQ(3, self->client.stream.produced);
	EXPECT_EQ(6, other.stream.produced);
	EXPECT_TRUE(stream_adds_up(&self->client.stream));
	EXPECT_TRUE(stream_adds_up(&other.stream));
	EXPECT_NE(self->client.stream.session, other.stream.session);
	client_close(&other);
}

TEST_F(session, one_that_does_not_read_does_not_hold_up_another)
{
	struct client other;

	client_open(&other);
	client_set_rcvbuf(&other, 1);
	ASSERT_LT(0, start_own(&other, self->netns, DROPTRACE_RING_MIN));
	ASSERT_LT(0, start_own(&self->client, self->netns, 1 << 19));
	drop(self->fd, 1000);
	EXPECT_TRUE(client_await_events(&self->client, 1000));
	EXPECT_EQ(1000, self->client.stream.events);
	client_close(&other);
}

TEST_F(session, eight_end_together)
{
	struct client clients[8];
	int i;

	for (i = 0; i < 8; i++) {
		client_open(&clients[i]);
		ASSERT_LT(0, start_own(&clients[i], self->netns, DROPTRACE_RING_MIN));
	}
	drop(self->fd, 20);
	for (i = 0; i < 8; i++) {
		EXPECT_TRUE(client_await_events(&clients[i], 20));
		client_close(&clients[i]);
	}
	EXPECT_TRUE(client_await_idle(&self->watcher));
}

/* --- status --- */

TEST_F(session, objects_are_counted)
{
	struct status status;

	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	client_status(&self->watcher, &status);
	EXPECT_EQ(3, status.objects);	/* filter, session, ring */
	EXPECT_EQ(1, status.sessions);
	EXPECT_EQ(1, status.filters);
}

TEST_F(session, totals_outlive_sessions)
{
	struct status before, after;

	client_status(&self->watcher, &before);
	ASSERT_LT(0, start_own(&self->client, self->netns, 0));
	drop(self->fd, 7);
	EXPECT_TRUE(client_await_events(&self->client, 7));
	client_close(&self->client);
	client_status(&self->watcher, &after);
	EXPECT_EQ(before.produced + 7, after.produced);
	EXPECT_EQ(before.delivered + 7, after.delivered);
	EXPECT_LT(before.uptime_ns, after.uptime_ns);
}

TEST_HARNESS_MAIN
