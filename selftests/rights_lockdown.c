// SPDX-License-Identifier: GPL-2.0-only
/* vm: --cpus 2 */
/*
 * Lockdown, in a machine of its own: there is no way back.  Integrity changes
 * nothing; under confidentiality root may not look into the kernel, so that every
 * operation is refused, and closing the socket still ends what goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "client.h"
#include "rights.h"
#include "traffic.h"

#define LOCKDOWN "/sys/kernel/security/lockdown"

static bool lock_down(const char *level)
{
	int fd = open(LOCKDOWN, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, level, strlen(level)) == (ssize_t)strlen(level);

	close(fd);
	return done;
}

/* One test, since each step cannot be undone. */
TEST(confidentiality_refuses_all_and_integrity_nothing)
{
	static const char why[] = "droptrace: the kernel is locked down for confidentiality";
	struct client client, streaming;
	int fd;

	net_isolate();
	fd = packet_open("lo");
	client_open(&client);
	EXPECT_EQ(0, operations_refused(&client, NULL));
	if (access(LOCKDOWN, W_OK))
		SKIP(return, "no lockdown in this kernel");
	ASSERT_TRUE(lock_down("integrity"));
	EXPECT_EQ(0, operations_refused(&client, NULL));

	client_open(&streaming);
	ASSERT_LT(0, session_start(&streaming));
	ASSERT_TRUE(lock_down("confidentiality"));
	EXPECT_EQ(OPERATIONS, operations_refused(&client, why));
	/* What root began before goes on, and ends with its socket. */
	traffic_drop(fd, TRAFFIC_TYPE, 1, NULL);
	EXPECT_TRUE(client_await_events(&streaming, 1));
	client_close(&streaming);
	close(fd);
}

TEST_HARNESS_MAIN
