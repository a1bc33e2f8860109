// SPDX-License-Identifier: GPL-2.0-only
/* The operations of the family, as far as tests ask for them in the right way. */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "progs.h"

/* --- status --- */

int client_status(struct client *client, struct status *status)
{
	struct request *req = malloc(sizeof(*req));
	const struct nlattr **of = client->reply.of;
	int error;

	memset(status, 0, sizeof(*status));
	request_begin(req, client, DROPTRACE_CMD_STATUS_GET, 0);
	error = client_call(client, req);
	free(req);
	if (error)
		return error;
	attr_copy_string(of[DROPTRACE_A_STATUS_MODULE_VERSION], status->version,
			 sizeof(status->version));
	status->abi = attr_u32(of[DROPTRACE_A_STATUS_ABI]);
	status->features = attr_u32(of[DROPTRACE_A_STATUS_FEATURES]);
	status->uptime_ns = attr_u64(of[DROPTRACE_A_STATUS_UPTIME_NS]);
	status->armed = attr_u32(of[DROPTRACE_A_STATUS_PROBE_ARMED]);
	status->counting = attr_u32(of[DROPTRACE_A_STATUS_COUNTING]);
	status->sessions = attr_u32(of[DROPTRACE_A_STATUS_SESSIONS]);
	status->filters = attr_u32(of[DROPTRACE_A_STATUS_FILTERS]);
	status->objects = attr_u32(of[DROPTRACE_A_STATUS_OBJECTS]);
	status->produced = attr_u64(of[DROPTRACE_A_STATUS_PRODUCED]);
	status->delivered = attr_u64(of[DROPTRACE_A_STATUS_DELIVERED]);
	loss_read(&status->loss, of[DROPTRACE_A_STATUS_LOSS]);
	return 0;
}

bool client_await_idle(struct client *client)
{
	__u64 until = now_ms() + PATIENCE;
	struct status status;

	do {
		if (client_status(client, &status))
			return false;
		if (!status.objects && !status.armed && !status.counting && !status.sessions &&
		    !status.filters)
			return true;
		sleep_ms(5);
	} while (now_ms() < until);
	return false;
}

/* --- filters --- */

static void put_prog(struct request *req, __u16 type, const struct sock_filter *prog)
{
	unsigned int len = 0;

	if (!prog)
		return;
	while (prog[len].code != PROG_END_CODE)
		len++;
	request_put(req, type, prog, len * sizeof(*prog));
}

static void put_filter(struct request *req, const struct filter *filter)
{
	if (filter->name)
		request_put_string(req, DROPTRACE_A_FILTER_NAME, filter->name);
	put_prog(req, DROPTRACE_A_FILTER_PROG, filter->prog);
	put_prog(req, DROPTRACE_A_FILTER_INNER_PROG, filter->inner);
	if (filter->dev)
		request_put_string(req, DROPTRACE_A_FILTER_DEV, filter->dev);
	if (filter->netns)
		request_put_u32(req, DROPTRACE_A_FILTER_NETNS, filter->netns);
	if (filter->has_mark)
		request_put_u32(req, DROPTRACE_A_FILTER_MARK, filter->mark);
	if (filter->has_mask)
		request_put_u32(req, DROPTRACE_A_FILTER_MARK_MASK, filter->mask);
	if (filter->reasons)
		request_put(req, DROPTRACE_A_FILTER_REASONS, filter->reasons,
			    filter->nr_reasons * sizeof(*filter->reasons));
	if (filter->ranges)
		request_put(req, DROPTRACE_A_FILTER_RANGES, filter->ranges,
			    filter->nr_ranges * 2 * sizeof(*filter->ranges));
	if (filter->exclude)
		request_put_flag(req, DROPTRACE_A_FILTER_EXCLUDE);
	if (filter->owned)
		request_put_flag(req, DROPTRACE_A_FILTER_OWNED);
	if (filter->has_snaplen)
		request_put_u32(req, DROPTRACE_A_FILTER_SNAPLEN, filter->snaplen);
	if (filter->rate)
		request_put_u32(req, DROPTRACE_A_FILTER_RATE, filter->rate);
	if (filter->count)
		request_put_u64(req, DROPTRACE_A_FILTER_COUNT, filter->count);
}

int client_filter_add(struct client *client, const struct filter *filter)
{
	struct request *req = malloc(sizeof(*req));
	int error;

	request_begin(req, client, DROPTRACE_CMD_FILTER_ADD, 0);
	put_filter(req, filter);
	error = client_call(client, req);
	free(req);
	return error ?: (int)attr_u32(client->reply.of[DROPTRACE_A_FILTER_ID]);
}

int client_filter_del(struct client *client, __u32 id)
{
	struct request *req = malloc(sizeof(*req));
	int error;

	request_begin(req, client, DROPTRACE_CMD_FILTER_DEL, 0);
	request_put_u32(req, DROPTRACE_A_FILTER_ID, id);
	error = client_call(client, req);
	free(req);
	return error;
}

int client_filter_del_all(struct client *client)
{
	struct request *req = malloc(sizeof(*req));
	int error;

	request_begin(req, client, DROPTRACE_CMD_FILTER_DEL, 0);
	request_put_flag(req, DROPTRACE_A_FILTER_ALL);
	error = client_call(client, req);
	free(req);
	return error;
}

struct filter_list {
	struct filter_info *infos;
	size_t nr, max;
};

static void filter_listed(const struct attrs *attrs, void *arg)
{
	struct filter_list *list = arg;
	struct filter_info *info = &list->infos[list->nr];

	if (list->nr++ >= list->max)
		return;
	memset(info, 0, sizeof(*info));
	info->id = attr_u32(attrs->of[DROPTRACE_A_FILTER_ID]);
	attr_copy_string(attrs->of[DROPTRACE_A_FILTER_NAME], info->name, sizeof(info->name));
	info->owned = attrs->of[DROPTRACE_A_FILTER_OWNED];
	info->stale = attrs->of[DROPTRACE_A_FILTER_STALE];
	info->hits = attr_u64(attrs->of[DROPTRACE_A_FILTER_HITS]);
	info->rate_limited = attr_u64(attrs->of[DROPTRACE_A_FILTER_RATE_LIMITED]);
	info->errors = attr_u64(attrs->of[DROPTRACE_A_FILTER_ERRORS]);
}

int client_filters(struct client *client, struct filter_info *infos, size_t max)
{
	struct filter_list list = { .infos = infos, .max = max };
	int error = client_dump(client, DROPTRACE_CMD_FILTER_GET, filter_listed, &list);

	return error ?: (int)list.nr;
}

bool client_filter_info(struct client *client, __u32 id, struct filter_info *info)
{
	struct filter_info infos[DROPTRACE_FILTERS_MAX];
	int nr = client_filters(client, infos, DROPTRACE_FILTERS_MAX);
	int i;

	for (i = 0; i < nr; i++) {
		if (infos[i].id != id)
			continue;
		*info = infos[i];
		return true;
	}
	return false;
}

/* --- sessions --- */

int client_start(struct client *client, const struct session *session)
{
	struct request *req = malloc(sizeof(*req));
	int error;

	request_begin(req, client, DROPTRACE_CMD_SESSION_START, 0);
	if (session->ring_size)
		request_put_u32(req, DROPTRACE_A_SESSION_RING_SIZE, session->ring_size);
	if (session->has_snaplen)
		request_put_u32(req, DROPTRACE_A_SESSION_SNAPLEN, session->snaplen);
	if (session->stack_depth)
		request_put_u32(req, DROPTRACE_A_SESSION_STACK_DEPTH, session->stack_depth);
	if (session->filters)
		request_put(req, DROPTRACE_A_SESSION_FILTERS, session->filters,
			    session->nr_filters * sizeof(*session->filters));
	if (session->has_paths)
		request_put(req, DROPTRACE_A_SESSION_PATHS, session->paths,
			    session->nr_paths * sizeof(*session->paths));
	memset(&client->stream, 0, sizeof(client->stream));
	client->nr_kept = 0;
	error = client_call(client, req);
	free(req);
	return error ?: (int)attr_u32(client->reply.of[DROPTRACE_A_SESSION_ID]);
}

int client_stop(struct client *client)
{
	struct request *req = malloc(sizeof(*req));
	int error;

	request_begin(req, client, DROPTRACE_CMD_SESSION_STOP, 0);
	error = client_call(client, req);
	free(req);
	return error;
}

struct session_list {
	struct session_info *infos;
	size_t nr, max;
};

static void session_listed(const struct attrs *attrs, void *arg)
{
	struct session_list *list = arg;
	struct session_info *info = &list->infos[list->nr];
	const struct nlattr *const *of = attrs->of;

	if (list->nr++ >= list->max)
		return;
	memset(info, 0, sizeof(*info));
	info->id = attr_u32(of[DROPTRACE_A_SESSION_ID]);
	info->portid = attr_u32(of[DROPTRACE_A_SESSION_PORTID]);
	info->pid = attr_u32(of[DROPTRACE_A_SESSION_PID]);
	attr_copy_string(of[DROPTRACE_A_SESSION_COMM], info->comm, sizeof(info->comm));
	info->ring_size = attr_u32(of[DROPTRACE_A_SESSION_RING_SIZE]);
	info->snaplen = attr_u32(of[DROPTRACE_A_SESSION_SNAPLEN]);
	info->stack_depth = attr_u32(of[DROPTRACE_A_SESSION_STACK_DEPTH]);
	if (of[DROPTRACE_A_SESSION_FILTERS])
		info->nr_filters = attr_len(of[DROPTRACE_A_SESSION_FILTERS]) / sizeof(__u32);
	info->streaming = attr_u32(of[DROPTRACE_A_SESSION_STREAMING]);
	info->produced = attr_u64(of[DROPTRACE_A_SESSION_PRODUCED]);
	info->delivered = attr_u64(of[DROPTRACE_A_SESSION_DELIVERED]);
	loss_read(&info->loss, of[DROPTRACE_A_SESSION_LOSS]);
}

int client_sessions(struct client *client, struct session_info *infos, size_t max)
{
	struct session_list list = { .infos = infos, .max = max };
	int error = client_dump(client, DROPTRACE_CMD_SESSION_GET, session_listed, &list);

	return error ?: (int)list.nr;
}
