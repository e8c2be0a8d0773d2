// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Lantern Rock that costs next to nothing: it takes deliveries, counts
 * their records and keeps none of them. One thread, HTTP/1.1 kept alive.
 *
 *   sink PORT
 *
 *   POST /v1/...       a delivery: counted, and answered as told
 *   POST /answer/S/D   from now on: status S after D milliseconds; the counts
 *                      begin anew
 *   GET  /counts       deliveries, records and bytes that were answered with
 *                      2xx, microseconds from the first to the last of these,
 *                      and how many were under way at once at most
 *
 * A record is found by its "seq". Ends on SIGTERM.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "latency.h"

#define MOST_CONNECTIONS 4096
#define RECORD "\"seq\":"

struct connection {
	int fd;
	char *bytes;
	size_t got, room;
	size_t head, length;	/* of the request at hand; 0 until its head is there */
	long due;		/* when its answer is to go out; 0: none waits */
	struct connection *next;
};

struct sink {
	int epoll, listener;
	int status;
	long delay;
	struct connection *first, *last;	/* that wait, in order of time */
	long deliveries, records, size;
	long began, ended, under_way, most;
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void watch(struct sink *sink, int fd, void *about)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = about };

	if (epoll_ctl(sink->epoll, EPOLL_CTL_ADD, fd, &event))
		fail("epoll_ctl");
}

static void take_connections(struct sink *sink)
{
	int on = 1, fd;

	while ((fd = accept4(sink->listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct connection *c = calloc(1, sizeof(*c));

		if (!c)
			fail("calloc");
		c->fd = fd;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		watch(sink, fd, c);
	}
}

/* One that ends while its answer waits is freed when that is due. */
static void end_connection(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	if (!c->due) {
		free(c->bytes);
		free(c);
	}
}

static void answer(struct connection *c, int status, const char *body)
{
	char text[256];
	int length = snprintf(text, sizeof(text),
			      "HTTP/1.1 %d Told\r\nContent-Type: text/plain\r\n"
			      "Content-Length: %zu\r\n\r\n%s",
			      status, strlen(body), body);

	/* So short that a socket which has sent the last one takes it whole. */
	if (send(c->fd, text, length, MSG_NOSIGNAL) != length)
		fail("send");
}

static long records(const char *from, const char *end)
{
	long count = 0;

	while ((from = memmem(from, end - from, RECORD, strlen(RECORD)))) {
		count++;
		from += strlen(RECORD);
	}
	return count;
}

static void deliver(struct sink *sink, struct connection *c, long now)
{
	if (sink->status / 100 == 2) {
		if (!sink->deliveries++)
			sink->began = now;
		sink->records += records(c->bytes + c->head,
					 c->bytes + c->head + c->length);
		sink->size += c->length;
	}
	if (++sink->under_way > sink->most)
		sink->most = sink->under_way;
	c->due = now + sink->delay;
	c->next = NULL;
	if (sink->first)
		sink->last->next = c;
	else
		sink->first = c;
	sink->last = c;
}

static void control(struct sink *sink, struct connection *c)
{
	char text[128];
	int status;
	long milliseconds;

	if (sscanf(c->bytes, "POST /answer/%d/%ld ", &status,
		   &milliseconds) == 2) {
		sink->status = status;
		sink->delay = milliseconds * (SECOND / 1000);
		sink->deliveries = sink->records = sink->size = 0;
		sink->began = sink->ended = sink->most = 0;
	}
	snprintf(text, sizeof(text), "%ld %ld %ld %ld %ld\n", sink->deliveries,
		 sink->records, sink->size,
		 (sink->ended - sink->began) / 1000, sink->most);
	answer(c, 200, text);
}

static void next_request(struct connection *c)
{
	size_t whole = c->head + c->length;

	memmove(c->bytes, c->bytes + whole, c->got - whole);
	c->got -= whole;
	c->head = c->length = 0;
}

/* Handles the request at hand, if it is whole. */
static void handle(struct sink *sink, struct connection *c, long now)
{
	char *end, *header;

	if (!c->head) {
		c->bytes[c->got] = 0;
		end = strstr(c->bytes, "\r\n\r\n");
		if (!end)
			return;
		*end = 0;
		header = strcasestr(c->bytes, "\r\nContent-Length:");
		if (header)
			c->length = atol(header + strlen("\r\nContent-Length:"));
		*end = '\r';
		c->head = end + 4 - c->bytes;
	}
	if (c->got < c->head + c->length)
		return;
	if (!strncmp(c->bytes, "POST /v1/", strlen("POST /v1/"))) {
		deliver(sink, c, now);
		return;
	}
	control(sink, c);
	next_request(c);
}

static void receive(struct sink *sink, struct connection *c)
{
	ssize_t n;

	if (c->room - c->got < 65536) {
		c->room = c->room * 2 + 131072;
		c->bytes = realloc(c->bytes, c->room + 1);
		if (!c->bytes)
			fail("realloc");
	}
	n = recv(c->fd, c->bytes + c->got, c->room - c->got, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		end_connection(c);
		return;
	}
	c->got += n;
	if (!c->due)
		handle(sink, c, nanoseconds_now());
}

/* Sends the answers that are due, and tells when the next one is. */
static long answer_due(struct sink *sink)
{
	long now = nanoseconds_now();

	while (sink->first && sink->first->due <= now) {
		struct connection *c = sink->first;

		sink->first = c->next;
		sink->under_way--;
		c->due = 0;
		if (c->fd < 0) {
			end_connection(c);
			continue;
		}
		answer(c, sink->status, "");
		if (sink->status / 100 == 2)
			sink->ended = nanoseconds_now();
		next_request(c);
		if (c->got)
			handle(sink, c, now);
	}
	return sink->first ? sink->first->due - now : SECOND;
}

static void wait_for(struct sink *sink, long left)
{
	struct epoll_event events[256];
	struct timespec timeout = { left / SECOND, left % SECOND };
	int n = epoll_pwait2(sink->epoll, events, 256, &timeout, NULL);

	if (n < 0 && errno != EINTR)
		fail("epoll_pwait2");
	for (int i = 0; i < n; i++) {
		if (events[i].data.ptr)
			receive(sink, events[i].data.ptr);
		else
			take_connections(sink);
	}
}

int main(int argc, char **argv)
{
	struct sink sink = { .status = 200 };
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int on = 1;

	if (argc != 2) {
		fprintf(stderr, "usage: sink PORT\n");
		return 2;
	}
	/* Else the kernel lets a timer be 50 microseconds late. */
	prctl(PR_SET_TIMERSLACK, 1);
	address.sin_port = htons(atoi(argv[1]));
	sink.epoll = epoll_create1(0);
	sink.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (sink.epoll < 0 || sink.listener < 0)
		fail("sink");
	setsockopt(sink.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(sink.listener, (void *)&address, sizeof(address)) ||
	    listen(sink.listener, MOST_CONNECTIONS))
		fail("listen");
	watch(&sink, sink.listener, NULL);
	for (;;)
		wait_for(&sink, answer_due(&sink));
}
