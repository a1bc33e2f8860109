/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A client of the droptrace family on a raw netlink socket, for the tests.
 *
 * It has no library below it, so that a test can send any bytes, and sees the
 * bytes that the module sent.  Calls that "cannot fail" in a working system
 * (no memory, no family) end the test program with a message.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/droptrace.h>
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "event.h"

#define REQUEST_MAX	(160 * 1024)	/* two programs of full size, and more */
#define REPLY_MAX	(64 * 1024)
#define ATTRS_MAX	32		/* more than any set has */

/* Milliseconds after which something that must happen is taken to have failed. */
#define PATIENCE	10000

/* Attributes of a message by their type, NULL where absent. */
struct attrs {
	const struct nlattr *of[ATTRS_MAX];
};

struct loss {
	__u64 ring_full;
	__u64 undelivered;
	__u64 recursion;
	__u64 rate_limited;
	__u64 point_missed;
	__u64 no_context;
};

/* What a session has sent so far. */
struct stream {
	__u32 session;		/* id, as said in every message */
	__u64 events;
	__u64 messages;
	struct loss told;	/* the last loss table but for the end's */
	bool ended;
	__u32 cause;		/* the rest is of the end message */
	__u64 produced;
	__u64 delivered;
	struct loss loss;
};

struct client {
	int fd;
	__u32 portid;
	__u16 family;
	__u32 seq;
	/* of the last answer */
	int err;		/* 0 or -errno */
	int blamed;		/* type of the attribute it names, 0 for none */
	char text[160];		/* the kernel's words, "" for none */
	bool replied;		/* there was a message beside the acknowledgment */
	struct attrs reply;	/* its attributes, in the buffer of the client */
	/* of the session */
	struct stream stream;
	struct event *kept;	/* events, the oldest first */
	size_t nr_kept;
	size_t max_kept;	/* further ones are only counted */
	/* called with what paths are made of, see tracing.h; or NULL */
	void (*take_path)(void *arg, int type, const struct nlattr *nest);
	void *take_arg;
	char *buffer;		/* the last datagram */
	char *answer;		/* the last reply */
};

/* A message under construction. */
struct request {
	union {
		struct nlmsghdr nlh;
		char bytes[REQUEST_MAX];
	};
};

struct status {
	char version[32];
	__u32 abi;
	__u32 features;
	__u64 uptime_ns;
	__u8 armed;
	__u8 counting;
	__u32 sessions;
	__u32 filters;
	__u32 objects;
	__u64 produced;
	__u64 delivered;
	struct loss loss;
};

/* What a filter is asked to be; zeros leave an attribute out. */
struct filter {
	const char *name;
	const struct sock_filter *prog;	/* these two up to PROG_END */
	const struct sock_filter *inner;
	const char *dev;
	__u32 netns;
	bool has_mark;
	__u32 mark;
	bool has_mask;
	__u32 mask;
	const __u32 *reasons;
	unsigned int nr_reasons;
	const __u64 *ranges;		/* start and end of each */
	unsigned int nr_ranges;
	bool exclude;
	bool owned;
	bool has_snaplen;
	__u32 snaplen;
	__u32 rate;
	__u64 count;
};

/* A filter as the module lists it, as far as tests look. */
struct filter_info {
	__u32 id;
	char name[DROPTRACE_NAME_MAX + 1];
	bool owned;
	bool stale;
	__u64 hits;
	__u64 rate_limited;
	__u64 errors;
};

struct session {
	__u32 ring_size;
	bool has_snaplen;
	__u32 snaplen;
	__u32 stack_depth;
	const __u32 *filters;
	unsigned int nr_filters;
	bool has_paths;
	const __u32 *paths;
	unsigned int nr_paths;
};

struct session_info {
	__u32 id;
	__u32 portid;
	__u32 pid;
	char comm[32];
	__u32 ring_size;
	__u32 snaplen;
	__u32 stack_depth;
	unsigned int nr_filters;
	__u8 streaming;
	__u64 produced;
	__u64 delivered;
	struct loss loss;
};

void client_open(struct client *client);
/* The same; false if there is no such family. */
bool client_try_open(struct client *client);
void client_close(struct client *client);
void client_set_rcvbuf(struct client *client, int bytes);

/* --- messages --- */

void request_begin(struct request *req, const struct client *client, __u8 cmd, __u16 flags);
struct nlattr *request_put(struct request *req, __u16 type, const void *data, size_t len);
void request_put_u8(struct request *req, __u16 type, __u8 value);
void request_put_u32(struct request *req, __u16 type, __u32 value);
void request_put_u64(struct request *req, __u16 type, __u64 value);
void request_put_string(struct request *req, __u16 type, const char *text);
void request_put_flag(struct request *req, __u16 type);

/* Sends without waiting for the answer; the sequence number is the client's next. */
void client_send(struct client *client, struct request *req);

/* Sends bytes as they are, however wrong. */
void client_send_raw(struct client *client, const void *bytes, size_t len);

/*
 * Waits for the acknowledgment of the last request, and sets client->err, ->text,
 * ->blamed and ->reply; notifications that come first are taken in.
 * Returns client->err; -ETIME after @ms milliseconds of silence.
 */
int client_await(struct client *client, const struct request *req, int ms);
int client_call(struct client *client, struct request *req);

/* Calls @each with the attributes of every message of a dump; 0 or -errno. */
int client_dump(struct client *client, __u8 cmd,
		void (*each)(const struct attrs *attrs, void *arg), void *arg);

void attrs_parse(struct attrs *attrs, const void *data, size_t len);
__u32 attr_u32(const struct nlattr *nla);
__u64 attr_u64(const struct nlattr *nla);
const void *attr_data(const struct nlattr *nla);
size_t attr_len(const struct nlattr *nla);
void attr_copy_string(const struct nlattr *nla, char *text, size_t size);

/* --- operations; all return 0 or -errno, an id where there is one --- */

int client_status(struct client *client, struct status *status);
int client_filter_add(struct client *client, const struct filter *filter);
/* The same with a filter given in place: filter_add(&client, .dev = "lo", .rate = 1) */
#define filter_add(client, ...) \
	client_filter_add(client, &(struct filter){ __VA_ARGS__ })
int client_filter_del(struct client *client, __u32 id);
int client_filter_del_all(struct client *client);
int client_filters(struct client *client, struct filter_info *infos, size_t max);
bool client_filter_info(struct client *client, __u32 id, struct filter_info *info);
int client_start(struct client *client, const struct session *session);
#define session_start(client, ...) \
	client_start(client, &(struct session){ __VA_ARGS__ })
int client_stop(struct client *client);
int client_sessions(struct client *client, struct session_info *infos, size_t max);

/* --- the stream --- */

/* Keep up to @max events of what comes, from now on. */
void client_keep(struct client *client, size_t max);
void client_forget(struct client *client);

/* Takes in some of what the socket holds; waits up to @ms for it. False: nothing. */
bool client_take(struct client *client, int ms);

/* True once there were that many events since the session began, or the end. */
bool client_await_events(struct client *client, __u64 events);
bool client_await_end(struct client *client);

void loss_read(struct loss *loss, const struct nlattr *nest);

/* Losses of one end message or status, added up. */
__u64 loss_sum(const struct loss *loss);

/* True if every event of an ended stream is accounted for, and delivered ones came. */
bool stream_adds_up(const struct stream *stream);

/* Its numbers, for a message about a stream that does not. */
const char *stream_describe(const struct stream *stream);

/* --- waiting --- */

__u64 now_ms(void);
void sleep_ms(int ms);

/* Waits until nothing is left that the module was asked for: no object, no probe. */
bool client_await_idle(struct client *client);

#endif /* CLIENT_H */
