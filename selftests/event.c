// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes the nest of one drop.  Strict: the module is under test, so that an
 * attribute of another size than the interface says marks the event as malformed.
 */
#include <string.h>

#include "client.h"
#include "event.h"

static void number(struct event *event, const struct nlattr *nla, void *to, size_t size)
{
	if (attr_len(nla) != size)
		event->malformed = true;
	else
		memcpy(to, attr_data(nla), size);
}

static void text(struct event *event, const struct nlattr *nla, char *to, size_t size)
{
	const char *from = attr_data(nla);
	size_t len = attr_len(nla);

	if (!len || len > size || from[len - 1])
		event->malformed = true;
	else
		memcpy(to, from, len);
}

static unsigned int array(struct event *event, const struct nlattr *nla, void *to, size_t size,
			  size_t element)
{
	size_t len = attr_len(nla);

	if (len > size || len % element) {
		event->malformed = true;
		return 0;
	}
	memcpy(to, attr_data(nla), len);
	return len / element;
}

static void attribute(struct event *event, const struct nlattr *nla)
{
	int type = nla->nla_type & NLA_TYPE_MASK;

#define NUMBER(field) number(event, nla, &event->field, sizeof(event->field))
#define TEXT(field) text(event, nla, event->field, sizeof(event->field))
#define ARRAY(field) array(event, nla, event->field, sizeof(event->field), sizeof(event->field[0]))
	switch (type) {
	case DROPTRACE_A_EVENT_TIME_NS: NUMBER(time_ns); break;
	case DROPTRACE_A_EVENT_CPU: NUMBER(cpu); break;
	case DROPTRACE_A_EVENT_SKB: NUMBER(skb); break;
	case DROPTRACE_A_EVENT_REASON: NUMBER(reason); break;
	case DROPTRACE_A_EVENT_LOCATION: NUMBER(location); break;
	case DROPTRACE_A_EVENT_SYMBOL: TEXT(symbol); break;
	case DROPTRACE_A_EVENT_FILTERS: event->nr_filters = ARRAY(filters); break;
	case DROPTRACE_A_EVENT_DEV: TEXT(dev); break;
	case DROPTRACE_A_EVENT_IFINDEX: NUMBER(ifindex); break;
	case DROPTRACE_A_EVENT_NETNS: NUMBER(netns); break;
	case DROPTRACE_A_EVENT_MARK: NUMBER(mark); break;
	case DROPTRACE_A_EVENT_LEN: NUMBER(len); break;
	case DROPTRACE_A_EVENT_PROTOCOL: NUMBER(protocol); break;
	case DROPTRACE_A_EVENT_L3_PROTOCOL: NUMBER(l3_protocol); break;
	case DROPTRACE_A_EVENT_VLAN_TPID: NUMBER(vlan_tpid); break;
	case DROPTRACE_A_EVENT_VLAN_TCI: NUMBER(vlan_tci); break;
	case DROPTRACE_A_EVENT_PKT_TYPE: NUMBER(pkt_type); break;
	case DROPTRACE_A_EVENT_L3_OFFSET: NUMBER(l3_offset); break;
	case DROPTRACE_A_EVENT_L4_OFFSET: NUMBER(l4_offset); break;
	case DROPTRACE_A_EVENT_PACKET: event->packet_len = ARRAY(packet); break;
	case DROPTRACE_A_EVENT_PID: NUMBER(pid); break;
	case DROPTRACE_A_EVENT_COMM: TEXT(comm); break;
	case DROPTRACE_A_EVENT_STACK: event->nr_stack = ARRAY(stack); break;
	case DROPTRACE_A_EVENT_PAD: return;
	default: event->malformed = true; return;
	}
#undef NUMBER
#undef TEXT
#undef ARRAY
	if (event_has(event, type))
		event->malformed = true;	/* twice */
	event->has |= 1ULL << type;
}

/* What every event has, on every kernel. */
#define ALWAYS	(1ULL << DROPTRACE_A_EVENT_TIME_NS | 1ULL << DROPTRACE_A_EVENT_CPU | \
		 1ULL << DROPTRACE_A_EVENT_LEN | 1ULL << DROPTRACE_A_EVENT_PROTOCOL | \
		 1ULL << DROPTRACE_A_EVENT_PKT_TYPE)

void event_decode(struct event *event, const struct nlattr *nest)
{
	const char *at = attr_data(nest);
	size_t left = attr_len(nest);
	const struct nlattr *nla;

	memset(event, 0, sizeof(*event));
	while (left >= NLA_HDRLEN) {
		nla = (const struct nlattr *)at;
		if (nla->nla_len < NLA_HDRLEN || nla->nla_len > left)
			break;
		attribute(event, nla);
		at += NLA_ALIGN(nla->nla_len);
		left -= NLA_ALIGN(nla->nla_len) < left ? NLA_ALIGN(nla->nla_len) : left;
	}
	if (left || (event->has & ALWAYS) != ALWAYS)
		event->malformed = true;
}

bool event_has(const struct event *event, int attr)
{
	return event->has >> attr & 1;
}

bool event_matched(const struct event *event, __u32 filter)
{
	unsigned int i;

	for (i = 0; i < event->nr_filters; i++)
		if (event->filters[i] == filter)
			return true;
	return false;
}

bool event_contains(const struct event *event, const void *bytes, size_t len)
{
	return memmem(event->packet, event->packet_len, bytes, len);
}
