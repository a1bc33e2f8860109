/* SPDX-License-Identifier: GPL-2.0-only */
/* Every operation once, for tests that want all of them refused, or none. */
#ifndef RIGHTS_H
#define RIGHTS_H

#include "client.h"

#define OPERATIONS	9

/*
 * The number of operations that are refused with EPERM (and with these words, if
 * any are given); those that fail otherwise count 100 each.
 */
int operations_refused(struct client *client, const char *text);

#endif /* RIGHTS_H */
