// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a command and tells how long it takes until it creates a file; then
 * interrupts it.  For commands that say with a file that they are ready.
 *
 * usage: until_file FILE COMMAND [ARG...]
 *
 * Prints nanoseconds of CLOCK_MONOTONIC from fork to file, and what of them the
 * command has run on a processor.
 */
#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* Until now, by its first thread. */
static long long ran_ns(pid_t pid)
{
	char path[64];
	long long ran = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%lld", &ran) != 1)
		ran = 0;
	if (f)
		fclose(f);
	return ran;
}

int main(int argc, char **argv)
{
	char events[4096], dir[4096];
	struct pollfd wait_fd;
	long long start;
	pid_t child;
	int status;

	if (argc < 3 || strlen(argv[1]) >= sizeof(dir)) {
		fprintf(stderr, "usage: until_file FILE COMMAND [ARG...]\n");
		return 2;
	}
	strcpy(dir, argv[1]);
	wait_fd.fd = inotify_init();
	wait_fd.events = POLLIN;
	if (wait_fd.fd < 0 ||
	    inotify_add_watch(wait_fd.fd, dirname(dir), IN_CREATE | IN_MOVED_TO) < 0) {
		perror("until_file");
		return 1;
	}

	start = now_ns();
	child = fork();
	if (!child) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	while (access(argv[1], F_OK)) {
		if (poll(&wait_fd, 1, 1000) > 0 && read(wait_fd.fd, events, sizeof(events)) < 0)
			return 1;
		if (waitpid(child, &status, WNOHANG) == child) {
			fprintf(stderr, "until_file: the command ended first\n");
			return 1;
		}
	}
	printf("%lld %lld\n", now_ns() - start, ran_ns(child));
	kill(child, SIGINT);
	waitpid(child, &status, 0);
	return 0;
}
