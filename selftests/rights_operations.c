// SPDX-License-Identifier: GPL-2.0-only
/* See rights.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rights.h"

static void ignore(const struct attrs *attrs, void *arg)
{
	(void)attrs;
	(void)arg;
}

static int operation(struct client *client, __u8 cmd)
{
	struct request *req = malloc(sizeof(*req));
	int error;

	request_begin(req, client, cmd, 0);
	if (cmd == DROPTRACE_CMD_FILTER_ADD)
		request_put_flag(req, DROPTRACE_A_FILTER_OWNED);
	else if (cmd == DROPTRACE_CMD_FILTER_DEL)
		request_put_flag(req, DROPTRACE_A_FILTER_ALL);
	else if (cmd == DROPTRACE_CMD_COUNTER_SET)
		request_put_flag(req, DROPTRACE_A_COUNTER_RESET);
	error = client_call(client, req);
	free(req);
	return error;
}

static int refused(const struct client *client, int error, const char *text)
{
	if (!error)
		return 0;
	return error == -EPERM && (!text || !strcmp(text, client->text)) ? 1 : 100;
}

int operations_refused(struct client *client, const char *text)
{
	/* In an order in which all succeed where they are allowed. */
	static const __u8 dos[] = {
		DROPTRACE_CMD_STATUS_GET, DROPTRACE_CMD_FILTER_ADD,
		DROPTRACE_CMD_SESSION_START, DROPTRACE_CMD_SESSION_STOP,
		DROPTRACE_CMD_FILTER_DEL, DROPTRACE_CMD_COUNTER_SET,
	};
	static const __u8 dumps[] = {
		DROPTRACE_CMD_FILTER_GET, DROPTRACE_CMD_SESSION_GET, DROPTRACE_CMD_COUNTER_GET,
	};
	int sum = 0;
	size_t i;

	for (i = 0; i < sizeof(dos); i++)
		sum += refused(client, operation(client, dos[i]), text);
	/* v6.1 passes on no words of a dump that is refused at its start. */
	for (i = 0; i < sizeof(dumps); i++)
		sum += refused(client, client_dump(client, dumps[i], ignore, NULL), NULL);
	return sum;
}
