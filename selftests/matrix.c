// SPDX-License-Identifier: GPL-2.0-only
/* See matrix.h. */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "matrix.h"
#include "traffic.h"

void matrix_add(struct matrix *matrix, struct client *client)
{
	struct filter filter;
	unsigned int i;
	int id;

	for (i = 0; i < matrix->nr; i++) {
		filter = matrix->filters[i];
		if (!filter.netns)
			filter.netns = net_inum();
		id = client_filter_add(client, &filter);
		if (id < 0)
			errx(1, "filter %s: %s (%s)", matrix->filters[i].name, strerror(-id),
			     client->text);
		if (!i)
			matrix->first = id;
	}
}

__u64 matrix_matched(const struct matrix *matrix, const struct event *event)
{
	__u64 set = 0;
	unsigned int i;

	for (i = 0; i < event->nr_filters; i++)
		if (event->filters[i] - matrix->first < matrix->nr)
			set |= MATRIX_BIT(event->filters[i] - matrix->first);
	return set;
}

const char *matrix_describe(const struct matrix *matrix, __u64 set)
{
	static char text[1024];
	size_t left = sizeof(text) - 1;
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < matrix->nr; i++) {
		if (!(set & MATRIX_BIT(i)))
			continue;
		strncat(text, " ", left - strlen(text));
		strncat(text, matrix->filters[i].name, left - strlen(text));
	}
	return text;
}

void matrix_devices(void)
{
	/* New devices get these: no packets but those of the test. */
	net_sysctl("ipv6/conf/default/disable_ipv6", "1");
	net_ip("link add t0 mtu 9000 type veth peer name t1 mtu 9000\n"
	       "link set t0 address 02:00:00:00:00:00\n"
	       "link set t1 address 02:00:00:00:00:01\n"
	       "link set t0 up\n"
	       "link set t1 up\n"
	       "addr add 192.0.2.1/24 dev t1\n");
}

/* A drop on lo behind the others: what was to come has come when it is there. */
static bool take_until_sentinel(struct client *client, unsigned int from)
{
	__u64 until = now_ms() + PATIENCE;

	while (now_ms() < until) {
		for (; from < client->nr_kept; from++)
			if (client->kept[from].l3_protocol == TRAFFIC_TYPE_OTHER)
				return true;
		client_take(client, until - now_ms());
	}
	return false;
}

unsigned int matrix_observe(struct client *client, void (*send)(void *arg), void *arg)
{
	int lo = packet_open("lo");

	client->nr_kept = 0;
	/* One CPU, so that the events come in the order in which they are made. */
	cpu_pin(0);
	send(arg);
	traffic_drop(lo, TRAFFIC_TYPE_OTHER, 1, NULL);
	close(lo);
	if (!take_until_sentinel(client, 0))
		errx(1, "no event at all");
	return client->nr_kept - 1;
}

struct frame_to_send {
	int fd;
	const struct wire *wire;
};

static void send_frame(void *arg)
{
	struct frame_to_send *frame = arg;

	packet_send(frame->fd, frame->wire->data, frame->wire->len);
}

unsigned int matrix_send(struct client *client, int fd, const struct wire *wire)
{
	struct frame_to_send frame = { .fd = fd, .wire = wire };

	return matrix_observe(client, send_frame, &frame);
}
