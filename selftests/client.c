// SPDX-License-Identifier: GPL-2.0-only
/* See client.h. */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

#define BUFFER_SIZE	(128 * 1024)

__u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

void sleep_ms(int ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

/* --- attributes --- */

const void *attr_data(const struct nlattr *nla)
{
	return (const char *)nla + NLA_HDRLEN;
}

size_t attr_len(const struct nlattr *nla)
{
	return nla->nla_len - NLA_HDRLEN;
}

__u32 attr_u32(const struct nlattr *nla)
{
	__u32 value = 0;

	if (nla)
		memcpy(&value, attr_data(nla), attr_len(nla) < 4 ? attr_len(nla) : 4);
	return value;
}

__u64 attr_u64(const struct nlattr *nla)
{
	__u64 value = 0;

	if (nla && attr_len(nla) == sizeof(value))
		memcpy(&value, attr_data(nla), sizeof(value));
	return value;
}

void attr_copy_string(const struct nlattr *nla, char *text, size_t size)
{
	text[0] = '\0';
	if (nla && attr_len(nla) && attr_len(nla) <= size)
		strcpy(text, attr_data(nla));
}

/* Calls @each with every attribute of a stretch of bytes. */
static void attrs_walk(const void *data, size_t len,
		       void (*each)(const struct nlattr *nla, void *arg), void *arg)
{
	const struct nlattr *nla = data;

	while (len >= NLA_HDRLEN && nla->nla_len >= NLA_HDRLEN && nla->nla_len <= len) {
		each(nla, arg);
		if (NLA_ALIGN(nla->nla_len) >= len)
			break;
		len -= NLA_ALIGN(nla->nla_len);
		nla = (const void *)((const char *)nla + NLA_ALIGN(nla->nla_len));
	}
}

static void attrs_note(const struct nlattr *nla, void *arg)
{
	struct attrs *attrs = arg;
	int type = nla->nla_type & NLA_TYPE_MASK;

	if (type < ATTRS_MAX)
		attrs->of[type] = nla;
}

void attrs_parse(struct attrs *attrs, const void *data, size_t len)
{
	memset(attrs, 0, sizeof(*attrs));
	attrs_walk(data, len, attrs_note, attrs);
}

/* --- requests --- */

void request_begin(struct request *req, const struct client *client, __u8 cmd, __u16 flags)
{
	struct genlmsghdr *genl = (void *)(req->bytes + NLMSG_HDRLEN);

	memset(req->bytes, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	req->nlh.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	req->nlh.nlmsg_type = client->family;
	req->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	genl->cmd = cmd;
	genl->version = DROPTRACE_GENL_VERSION;
}

struct nlattr *request_put(struct request *req, __u16 type, const void *data, size_t len)
{
	struct nlattr *nla = (void *)(req->bytes + NLMSG_ALIGN(req->nlh.nlmsg_len));

	if (NLMSG_ALIGN(req->nlh.nlmsg_len) + NLA_HDRLEN + NLA_ALIGN(len) > REQUEST_MAX)
		errx(1, "request too long");
	memset(nla, 0, NLA_HDRLEN + NLA_ALIGN(len));
	nla->nla_type = type;
	nla->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((char *)nla + NLA_HDRLEN, data, len);
	req->nlh.nlmsg_len = NLMSG_ALIGN(req->nlh.nlmsg_len) + NLA_HDRLEN + NLA_ALIGN(len);
	return nla;
}

void request_put_u8(struct request *req, __u16 type, __u8 value)
{
	request_put(req, type, &value, sizeof(value));
}

void request_put_u32(struct request *req, __u16 type, __u32 value)
{
	request_put(req, type, &value, sizeof(value));
}

void request_put_u64(struct request *req, __u16 type, __u64 value)
{
	request_put(req, type, &value, sizeof(value));
}

void request_put_string(struct request *req, __u16 type, const char *text)
{
	request_put(req, type, text, strlen(text) + 1);
}

void request_put_flag(struct request *req, __u16 type)
{
	request_put(req, type, NULL, 0);
}

void client_send_raw(struct client *client, const void *bytes, size_t len)
{
	if (send(client->fd, bytes, len, 0) != (ssize_t)len)
		err(1, "cannot send on a netlink socket");
}

void client_send(struct client *client, struct request *req)
{
	req->nlh.nlmsg_seq = ++client->seq;
	client_send_raw(client, req, req->nlh.nlmsg_len);
}

/* --- what comes in --- */

void loss_read(struct loss *loss, const struct nlattr *nest)
{
	struct attrs attrs;

	if (!nest)
		return;
	attrs_parse(&attrs, attr_data(nest), attr_len(nest));
	loss->ring_full = attr_u64(attrs.of[DROPTRACE_A_LOSS_RING_FULL]);
	loss->undelivered = attr_u64(attrs.of[DROPTRACE_A_LOSS_UNDELIVERED]);
	loss->recursion = attr_u64(attrs.of[DROPTRACE_A_LOSS_RECURSION]);
	loss->rate_limited = attr_u64(attrs.of[DROPTRACE_A_LOSS_RATE_LIMITED]);
	loss->point_missed = attr_u64(attrs.of[DROPTRACE_A_LOSS_POINT_MISSED]);
	loss->no_context = attr_u64(attrs.of[DROPTRACE_A_LOSS_NO_CONTEXT]);
}

static void take_event(const struct nlattr *nla, void *arg)
{
	struct client *client = arg;
	int type = nla->nla_type & NLA_TYPE_MASK;

	if (type == DROPTRACE_A_SESSION_PATH || type == DROPTRACE_A_SESSION_GONE) {
		client->stream.events++;
		if (client->take_path)
			client->take_path(client->take_arg, type, nla);
		return;
	}
	if (type != DROPTRACE_A_SESSION_EVENT)
		return;
	client->stream.events++;
	if (client->nr_kept < client->max_kept)
		event_decode(&client->kept[client->nr_kept++], nla);
}

static void take_notification(struct client *client, __u8 cmd, const void *data, size_t len)
{
	struct stream *stream = &client->stream;
	struct attrs attrs;

	attrs_parse(&attrs, data, len);
	stream->messages++;
	stream->session = attr_u32(attrs.of[DROPTRACE_A_SESSION_ID]);
	if (cmd == DROPTRACE_CMD_SESSION_NTF) {
		loss_read(&stream->told, attrs.of[DROPTRACE_A_SESSION_LOSS]);
		attrs_walk(data, len, take_event, client);
		return;
	}
	stream->ended = true;
	stream->cause = attr_u32(attrs.of[DROPTRACE_A_SESSION_END_CAUSE]);
	stream->produced = attr_u64(attrs.of[DROPTRACE_A_SESSION_PRODUCED]);
	stream->delivered = attr_u64(attrs.of[DROPTRACE_A_SESSION_DELIVERED]);
	loss_read(&stream->loss, attrs.of[DROPTRACE_A_SESSION_LOSS]);
}

static const struct genlmsghdr *genl_of(const struct nlmsghdr *nlh)
{
	return (const void *)((const char *)nlh + NLMSG_HDRLEN);
}

/* Length of what follows the generic netlink header. */
static size_t genl_len(const struct nlmsghdr *nlh)
{
	size_t head = NLMSG_HDRLEN + GENL_HDRLEN;

	return nlh->nlmsg_len < head ? 0 : nlh->nlmsg_len - head;
}

static bool is_notification(const struct client *client, const struct nlmsghdr *nlh)
{
	__u8 cmd = genl_of(nlh)->cmd;

	return nlh->nlmsg_type == client->family && !nlh->nlmsg_seq &&
	       (cmd == DROPTRACE_CMD_SESSION_NTF || cmd == DROPTRACE_CMD_SESSION_END_NTF);
}

/*
 * Reads one datagram, and takes in the notifications in it.  Calls @other with
 * everything else.  Returns its length, 0 if there was none within @ms.
 */
static size_t take_datagram(struct client *client, int ms,
			    void (*other)(const struct nlmsghdr *nlh, void *arg), void *arg)
{
	struct pollfd poll_fd = { .fd = client->fd, .events = POLLIN };
	const struct nlmsghdr *nlh;
	ssize_t len;
	int left;

	if (poll(&poll_fd, 1, ms) <= 0)
		return 0;
	len = recv(client->fd, client->buffer, BUFFER_SIZE, MSG_DONTWAIT);
	if (len < 0 && errno == ENOBUFS)
		return 1;	/* told once that the socket was full */
	if (len <= 0)
		return 0;
	left = len;
	for (nlh = (void *)client->buffer; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
		if (is_notification(client, nlh))
			take_notification(client, genl_of(nlh)->cmd, genl_of(nlh) + 1,
					  genl_len(nlh));
		else if (other)
			other(nlh, arg);
	}
	return len;
}

bool client_take(struct client *client, int ms)
{
	int taken = 0;

	/* Not for ever: in a storm there is always one more. */
	while (taken < 64 && take_datagram(client, taken ? 0 : ms, NULL, NULL))
		taken++;
	return taken;
}

/* --- answers --- */

/* The attribute that lies at an offset of the request. */
static int attribute_at(const struct request *req, __u32 offset)
{
	const struct nlattr *nla;

	if (!req || offset < NLMSG_HDRLEN + GENL_HDRLEN || offset + NLA_HDRLEN > req->nlh.nlmsg_len)
		return -1;
	nla = (const void *)(req->bytes + offset);
	return nla->nla_type & NLA_TYPE_MASK;
}

static void read_error(struct client *client, const struct nlmsghdr *nlh,
		       const struct request *req)
{
	const struct nlmsgerr *error = (const void *)((const char *)nlh + NLMSG_HDRLEN);
	size_t skip = NLMSG_HDRLEN + sizeof(*error);
	struct attrs attrs;

	client->err = error->error;
	client->text[0] = '\0';
	client->blamed = 0;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	/* Without NLM_F_CAPPED the request follows, before the attributes. */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += error->msg.nlmsg_len - sizeof(error->msg);
	attrs_parse(&attrs, (const char *)nlh + NLMSG_ALIGN(skip),
		    nlh->nlmsg_len - NLMSG_ALIGN(skip));
	attr_copy_string(attrs.of[NLMSGERR_ATTR_MSG], client->text, sizeof(client->text));
	if (attrs.of[NLMSGERR_ATTR_OFFS])
		client->blamed = attribute_at(req, attr_u32(attrs.of[NLMSGERR_ATTR_OFFS]));
}

struct awaited {
	struct client *client;
	const struct request *req;
	bool done;
	void (*each)(const struct attrs *attrs, void *arg);	/* of a dump, or NULL */
	void *arg;
};

static void take_answer(const struct nlmsghdr *nlh, void *arg)
{
	struct awaited *awaited = arg;
	struct client *client = awaited->client;
	struct attrs attrs;

	if (nlh->nlmsg_seq != client->seq)
		return;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		read_error(client, nlh, awaited->req);
		awaited->done = true;
	} else if (nlh->nlmsg_type == NLMSG_DONE) {
		client->err = *(const int *)((const char *)nlh + NLMSG_HDRLEN);
		awaited->done = true;
	} else if (awaited->each) {
		attrs_parse(&attrs, genl_of(nlh) + 1, genl_len(nlh));
		awaited->each(&attrs, awaited->arg);
	} else if (nlh->nlmsg_len <= REPLY_MAX) {
		memcpy(client->answer, nlh, nlh->nlmsg_len);
		nlh = (const void *)client->answer;
		attrs_parse(&client->reply, genl_of(nlh) + 1, genl_len(nlh));
		client->replied = true;
	}
}

static int await(struct awaited *awaited, int ms)
{
	struct client *client = awaited->client;
	__u64 until = now_ms() + ms;

	client->err = 0;
	client->blamed = 0;
	client->text[0] = '\0';
	client->replied = false;
	memset(&client->reply, 0, sizeof(client->reply));
	while (!awaited->done) {
		if (now_ms() >= until) {
			client->err = -ETIME;
			break;
		}
		take_datagram(client, until - now_ms(), take_answer, awaited);
	}
	return client->err;
}

int client_await(struct client *client, const struct request *req, int ms)
{
	struct awaited awaited = { .client = client, .req = req };

	return await(&awaited, ms);
}

int client_call(struct client *client, struct request *req)
{
	req->nlh.nlmsg_flags |= NLM_F_ACK;
	client_send(client, req);
	return client_await(client, req, PATIENCE);
}

int client_dump(struct client *client, __u8 cmd,
		void (*each)(const struct attrs *attrs, void *arg), void *arg)
{
	struct awaited awaited = { .client = client, .each = each, .arg = arg };
	struct request *req = malloc(sizeof(*req));
	int error;

	if (!req)
		err(1, "no memory");
	request_begin(req, client, cmd, NLM_F_DUMP);
	awaited.req = req;
	client_send(client, req);
	error = await(&awaited, PATIENCE);
	free(req);
	return error;
}

/* --- opening and closing --- */

static bool find_family(struct client *client)
{
	struct request *req = calloc(1, sizeof(*req));
	struct genlmsghdr *genl = (void *)(req->bytes + NLMSG_HDRLEN);
	bool found;

	client->family = GENL_ID_CTRL;
	request_begin(req, client, CTRL_CMD_GETFAMILY, 0);
	genl->version = 1;
	request_put_string(req, CTRL_ATTR_FAMILY_NAME, DROPTRACE_GENL_NAME);
	found = !client_call(client, req);
	client->family = attr_u32(client->reply.of[CTRL_ATTR_FAMILY_ID]);
	free(req);
	return found;
}

bool client_try_open(struct client *client)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(address);
	int on = 1;

	memset(client, 0, sizeof(*client));
	client->buffer = malloc(BUFFER_SIZE);
	client->answer = malloc(REPLY_MAX);
	client->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (!client->buffer || !client->answer || client->fd < 0 ||
	    bind(client->fd, (void *)&address, sizeof(address)) ||
	    getsockname(client->fd, (void *)&address, &len))
		err(1, "cannot open a netlink socket");
	setsockopt(client->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(client->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	client_set_rcvbuf(client, 4 << 20);
	client->portid = address.nl_pid;
	if (find_family(client))
		return true;
	client_close(client);
	return false;
}

void client_open(struct client *client)
{
	if (!client_try_open(client))
		errx(4, "no family " DROPTRACE_GENL_NAME " (is the module loaded?)");
}

void client_set_rcvbuf(struct client *client, int bytes)
{
	if (setsockopt(client->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(client->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

void client_close(struct client *client)
{
	client_forget(client);
	free(client->buffer);
	free(client->answer);
	close(client->fd);
	client->fd = -1;
}

/* --- the stream --- */

void client_keep(struct client *client, size_t max)
{
	client_forget(client);
	client->kept = calloc(max, sizeof(*client->kept));
	if (!client->kept)
		err(1, "no memory for %zu events", max);
	client->max_kept = max;
}

void client_forget(struct client *client)
{
	free(client->kept);
	client->kept = NULL;
	client->nr_kept = 0;
	client->max_kept = 0;
}

bool client_await_events(struct client *client, __u64 events)
{
	__u64 until = now_ms() + PATIENCE;

	while (client->stream.events < events && !client->stream.ended && now_ms() < until)
		client_take(client, until - now_ms());
	return client->stream.events >= events;
}

bool client_await_end(struct client *client)
{
	__u64 until = now_ms() + PATIENCE;

	while (!client->stream.ended && now_ms() < until)
		client_take(client, until - now_ms());
	return client->stream.ended;
}

__u64 loss_sum(const struct loss *loss)
{
	/* Recursion is not part of what was produced. */
	return loss->ring_full + loss->undelivered + loss->rate_limited;
}

const char *stream_describe(const struct stream *stream)
{
	static char text[256];

	snprintf(text, sizeof(text),
		 "produced %llu, delivered %llu (came %llu), lost: ring-full %llu undelivered %llu rate-limited %llu",
		 stream->produced, stream->delivered, stream->events, stream->loss.ring_full,
		 stream->loss.undelivered, stream->loss.rate_limited);
	return text;
}

bool stream_adds_up(const struct stream *stream)
{
	return stream->ended && stream->produced == stream->delivered + loss_sum(&stream->loss) &&
	       stream->delivered == stream->events;
}
