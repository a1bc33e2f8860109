/* SPDX-License-Identifier: GPL-2.0-only */
/* From a drop to an event in a session's ring. */
#ifndef DROPTRACE_RECORD_H
#define DROPTRACE_RECORD_H

#include <linux/types.h>

struct droptrace_drop;
struct droptrace_ruleset;
struct droptrace_session;

void droptrace_record(struct droptrace_session *session, struct droptrace_drop *drop,
		      const struct droptrace_ruleset *rs, u64 matched);

#endif /* DROPTRACE_RECORD_H */
