/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filters against packets: a table of filters that are all in force, a packet
 * that is dropped, and the set of filters that must have matched it.  So each
 * packet tests presence for some filters and absence for all the others.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include "client.h"
#include "wire.h"

struct matrix {
	const struct filter *filters;	/* each with a name */
	unsigned int nr;
	__u32 first;		/* id of the first, the others follow */
};

#define MATRIX_BIT(n)	(1ULL << (n))

/* Puts the filters into force, each for this namespace if for none. */
void matrix_add(struct matrix *matrix, struct client *client);

/* The filters that an event lists. */
__u64 matrix_matched(const struct matrix *matrix, const struct event *event);

/* Their names, for a message about a difference. */
const char *matrix_describe(const struct matrix *matrix, __u64 set);

/* A pair of devices t0 and t1 without any traffic of its own; t1 is 192.0.2.1. */
void matrix_devices(void);
#define MATRIX_MAC_T0	0x020000000000ULL
#define MATRIX_MAC_T1	0x020000000001ULL
#define MATRIX_MAC_FAR	0x02d0d0d0d0d0ULL	/* frames come from here */
#define MATRIX_T1	IPV4(192, 0, 2, 1)
#define MATRIX_FAR	IPV4(198, 51, 100, 1)	/* no route leads here: no answers */

/*
 * Sends a frame and waits for what is dropped of it.  The number of events in the
 * namespace, of which the first is in client->kept[0].  The client streams.
 */
unsigned int matrix_send(struct client *client, int fd, const struct wire *wire);

/* The same, if @send makes the packet in some other way. */
unsigned int matrix_observe(struct client *client, void (*send)(void *arg), void *arg);

#endif /* MATRIX_H */
