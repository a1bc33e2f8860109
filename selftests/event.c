// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes the nest of one drop.  Strict: the module is under test, so that an
 * attribute of another size than the interface says marks the event as malformed.
 */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "event.h"

enum kind { NUMBER, TEXT, ARRAY };

/* Where an attribute goes, and how long it may be; the rest is of arrays alone. */
struct field {
	enum kind kind;
	size_t at;
	size_t size;
	size_t element;		/* size of one */
	size_t count;		/* where their number goes */
};

#define AT(field)	offsetof(struct event, field)

static const struct field fields[DROPTRACE_A_EVENT_MAX + 1] = {
	[DROPTRACE_A_EVENT_TIME_NS] = { NUMBER, AT(time_ns), 8 },
	[DROPTRACE_A_EVENT_CPU] = { NUMBER, AT(cpu), 4 },
	[DROPTRACE_A_EVENT_SKB] = { NUMBER, AT(skb), 8 },
	[DROPTRACE_A_EVENT_REASON] = { NUMBER, AT(reason), 4 },
	[DROPTRACE_A_EVENT_LOCATION] = { NUMBER, AT(location), 8 },
	[DROPTRACE_A_EVENT_SYMBOL] = { TEXT, AT(symbol), 512 },
	[DROPTRACE_A_EVENT_FILTERS] = { ARRAY, AT(filters), 4 * DROPTRACE_FILTERS_MAX, 4,
					AT(nr_filters) },
	[DROPTRACE_A_EVENT_DEV] = { TEXT, AT(dev), 32 },
	[DROPTRACE_A_EVENT_IFINDEX] = { NUMBER, AT(ifindex), 4 },
	[DROPTRACE_A_EVENT_NETNS] = { NUMBER, AT(netns), 4 },
	[DROPTRACE_A_EVENT_MARK] = { NUMBER, AT(mark), 4 },
	[DROPTRACE_A_EVENT_LEN] = { NUMBER, AT(len), 4 },
	[DROPTRACE_A_EVENT_PROTOCOL] = { NUMBER, AT(protocol), 2 },
	[DROPTRACE_A_EVENT_L3_PROTOCOL] = { NUMBER, AT(l3_protocol), 2 },
	[DROPTRACE_A_EVENT_VLAN_TPID] = { NUMBER, AT(vlan_tpid), 2 },
	[DROPTRACE_A_EVENT_VLAN_TCI] = { NUMBER, AT(vlan_tci), 2 },
	[DROPTRACE_A_EVENT_PKT_TYPE] = { NUMBER, AT(pkt_type), 1 },
	[DROPTRACE_A_EVENT_L3_OFFSET] = { NUMBER, AT(l3_offset), 2 },
	[DROPTRACE_A_EVENT_L4_OFFSET] = { NUMBER, AT(l4_offset), 2 },
	[DROPTRACE_A_EVENT_PACKET] = { ARRAY, AT(packet), DROPTRACE_SNAPLEN_MAX, 1,
				       AT(packet_len) },
	[DROPTRACE_A_EVENT_PID] = { NUMBER, AT(pid), 4 },
	[DROPTRACE_A_EVENT_COMM] = { TEXT, AT(comm), 32 },
	[DROPTRACE_A_EVENT_STACK] = { ARRAY, AT(stack), 8 * DROPTRACE_STACK_MAX, 8, AT(nr_stack) },
	[DROPTRACE_A_EVENT_CONTEXT] = { NUMBER, AT(context), 8 },
};

/* Is the length as it must be; a text has its end, and no other before it. */
static bool fits(const struct field *field, const struct nlattr *nla)
{
	size_t len = attr_len(nla);

	switch (field->kind) {
	case NUMBER:
		return len == field->size;
	case TEXT:
		return len && len <= field->size && strnlen(attr_data(nla), len) == len - 1;
	case ARRAY:
		return len && len <= field->size && len % field->element == 0;
	}
	abort();
}

static void take_attribute(struct event *event, const struct nlattr *nla)
{
	unsigned int type = nla->nla_type & NLA_TYPE_MASK;
	const struct field *field = &fields[type <= DROPTRACE_A_EVENT_MAX ? type : 0];

	if (type == DROPTRACE_A_EVENT_PAD)
		return;
	if (!field->size || event_has(event, type) || !fits(field, nla)) {
		event->malformed = true;
		return;
	}
	memcpy((char *)event + field->at, attr_data(nla), attr_len(nla));
	if (field->kind == ARRAY)
		*(unsigned int *)((char *)event + field->count) =
			attr_len(nla) / field->element;
	event->has |= EVENT_BIT(type);
}

/* What every event has, on every kernel. */
#define ALWAYS	(EVENT_BIT(DROPTRACE_A_EVENT_TIME_NS) | EVENT_BIT(DROPTRACE_A_EVENT_CPU) | \
		 EVENT_BIT(DROPTRACE_A_EVENT_LEN) | EVENT_BIT(DROPTRACE_A_EVENT_PROTOCOL) | \
		 EVENT_BIT(DROPTRACE_A_EVENT_PKT_TYPE))

void event_decode(struct event *event, const struct nlattr *nest)
{
	const char *at = attr_data(nest);
	size_t left = attr_len(nest);
	const struct nlattr *nla;
	size_t len;

	memset(event, 0, sizeof(*event));
	while (left >= NLA_HDRLEN) {
		nla = (const struct nlattr *)at;
		if (nla->nla_len < NLA_HDRLEN || nla->nla_len > left)
			break;
		take_attribute(event, nla);
		len = NLA_ALIGN(nla->nla_len);
		at += len;
		left -= len < left ? len : left;
	}
	if (left || (event->has & ALWAYS) != ALWAYS)
		event->malformed = true;
}

bool event_has(const struct event *event, int attr)
{
	return event->has & EVENT_BIT(attr);
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
