/* SPDX-License-Identifier: GPL-2.0-only */
/* From a drop to an event in a session's ring, from a packet to that of a path. */
#ifndef DROPTRACE_RECORD_H
#define DROPTRACE_RECORD_H

#include <linux/types.h>

struct droptrace_drop;
struct droptrace_event;
struct droptrace_rule;
struct droptrace_ruleset;
struct droptrace_session;

void droptrace_record(const struct droptrace_rule *rule, struct droptrace_drop *drop,
		      const struct droptrace_ruleset *rs, u64 matched);
u32 droptrace_record_packet(struct droptrace_event *event, struct droptrace_drop *drop,
			    u32 snaplen);
void droptrace_record_call_worker(struct droptrace_session *session, u32 size);

#endif /* DROPTRACE_RECORD_H */
