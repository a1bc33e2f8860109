// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends UDP packets as fast as it can, and tells what each cost: in the sending
 * task (which on one CPU also carries the packet through the softirq to where it
 * is dropped), and in all tasks together, consumers of events included.
 *
 * usage: udp_drops ADDRESS PORT COUNT [SETTLE_MS [PIDFILE]]
 *
 * After the last packet it waits SETTLE_MS for consumers to finish.  Prints
 * "sender-ns all-ns" per packet, with one decimal.  Under QEMU's -icount with
 * one CPU a nanosecond is an instruction.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/* Time that CPUs have spent running tasks, from /proc/schedstat. */
static double busy_ns(void)
{
	unsigned long long busy;
	double sum = 0;
	char line[512];
	FILE *f = fopen("/proc/schedstat", "r");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "cpu%*u %*u %*u %*u %*u %*u %*u %llu", &busy) == 1)
			sum += busy;
	fclose(f);
	return sum;
}

static int connect_to(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		perror("udp_drops: connect");
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	double cpu, all;
	char payload[64] = "droptrace bench";
	long count, i;
	int fd;

	if (argc < 4) {
		fprintf(stderr, "usage: udp_drops ADDRESS PORT COUNT [SETTLE_MS]\n");
		return 2;
	}
	fd = connect_to(argv[1], argv[2]);
	count = atol(argv[3]);
	/* the first packets fill caches and resolve the neighbour */
	for (i = 0; i < 100; i++)
		send(fd, payload, sizeof(payload), 0);
	usleep(200000);

	all = busy_ns();
	cpu = now_ns(CLOCK_THREAD_CPUTIME_ID);
	for (i = 0; i < count; i++)
		if (send(fd, payload, sizeof(payload), 0) < 0 && errno != ECONNREFUSED) {
			perror("udp_drops: send");
			return 1;
		}
	cpu = now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	if (argc > 4)
		usleep(atol(argv[4]) * 1000);
	all = busy_ns() - all;

	printf("%.1f %.1f\n", cpu / count, all / count);
	return 0;
}
