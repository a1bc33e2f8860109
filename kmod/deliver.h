/* SPDX-License-Identifier: GPL-2.0-only */
/* From the ring into the client's socket. */
#ifndef DROPTRACE_DELIVER_H
#define DROPTRACE_DELIVER_H

#include <linux/workqueue.h>

struct droptrace_session;

void droptrace_deliver_work(struct work_struct *work);
void droptrace_deliver_discard(struct droptrace_session *session);

#endif /* DROPTRACE_DELIVER_H */
