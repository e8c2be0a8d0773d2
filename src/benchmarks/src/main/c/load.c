// SPDX-License-Identifier: GPL-2.0-only
/*
 * The load on the intake: one thread, HTTP/1.1 kept alive, one request at a
 * time on a connection, each batch under a key of its own.
 *
 *   load PORT PATH TOKEN gateway|flume EVENTS CONNECTIONS SECONDS RATE
 *        [SANDBOXES FIRST]
 *
 * With SANDBOXES the batches are for so many in turns: the last eight digits
 * of PATH's sandbox, before "/batches", become those of FIRST, FIRST + 1 and
 * so on, and 00000000 after the last one.
 * Where there are no more of them than connections, and they divide these, a
 * connection stays with one.
 *
 * RATE 0 is a closed loop: each answer is followed by the next request, and
 * the latency is the answer's. Any other is an open loop of so many requests a
 * second: a request has its time, waits for a connection if none is free, and
 * its latency counts from that time, so that a server which stalls is charged
 * for all that should have been sent meanwhile.
 *
 * Prints: requests, their microseconds in all, failures, p50 and p99 in
 * microseconds, the load's own CPU microseconds, bytes of a body. A failure is
 * an answer other than 2xx, or none; the first is shown.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "latency.h"
#include "request.h"

#define FIRST_NUMBER 1000000000L
#define ANSWER_SIZE 16384
#define SANDBOX_DIGITS 8
#define PATIENCE (10 * SECOND)

struct connection {
	int fd;
	int busy;
	int blocked;		/* the socket takes no more of the request */
	struct request request;
	char *sandbox;		/* its last digits in the request, or NULL */
	long turn;		/* of all sandboxes, with no end */
	size_t sent;
	long began;		/* what the latency counts from */
	size_t got;
	char answer[ANSWER_SIZE + 1];
};

struct load {
	struct sockaddr_in address;
	int epoll;
	struct connection *connections;
	int count;
	long sandboxes;
	struct connection **idle;	/* a ring, longest idle first */
	long idle_first, idle_end;
	long seconds, rate;
	long began, end, issued, failures, last;
	struct latencies latencies;
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void failed(struct load *load, const char *why)
{
	if (!load->failures++)
		fprintf(stderr, "load: the first failure: %.300s\n", why);
}

static void watch(struct load *load, struct connection *c, int operation)
{
	struct epoll_event event = {
		.events = EPOLLIN | (c->blocked ? EPOLLOUT : 0),
		.data.ptr = c,
	};

	if (epoll_ctl(load->epoll, operation, c->fd, &event))
		fail("epoll_ctl");
}

static void open_connection(struct load *load, struct connection *c)
{
	int on = 1;

	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (void *)&load->address,
				 sizeof(load->address)))
		fail("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->blocked = 0;
	watch(load, c, EPOLL_CTL_ADD);
}

static void set_idle(struct load *load, struct connection *c)
{
	c->busy = 0;
	load->idle[load->idle_end++ % load->count] = c;
}

static void reopen(struct load *load, struct connection *c)
{
	close(c->fd);
	open_connection(load, c);
}

static void send_on(struct load *load, struct connection *c)
{
	int was_blocked = c->blocked;
	ssize_t n;

	c->blocked = 0;
	while (c->sent < c->request.size) {
		n = send(c->fd, c->request.bytes + c->sent,
			 c->request.size - c->sent,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0) {
			/* What ended the connection is read, not written. */
			c->blocked = errno == EAGAIN;
			break;
		}
		c->sent += n;
	}
	if (c->blocked != was_blocked)
		watch(load, c, EPOLL_CTL_MOD);
}

/* Each connection goes round by itself, in steps of all connections. */
static void choose_sandbox(struct load *load, struct connection *c)
{
	char digits[SANDBOX_DIGITS + 1];

	if (!c->sandbox)
		return;
	snprintf(digits, sizeof(digits), "%08lx", c->turn % load->sandboxes);
	memcpy(c->sandbox, digits, SANDBOX_DIGITS);
	c->turn += load->count;
}

static void issue(struct load *load, long began)
{
	struct connection *c = load->idle[load->idle_first++ % load->count];
	long number = load->issued++;

	request_number(&c->request, FIRST_NUMBER + number,
		       FIRST_NUMBER + number * c->request.events);
	choose_sandbox(load, c);
	c->busy = 1;
	c->sent = c->got = 0;
	c->began = began;
	send_on(load, c);
}

/* Sends what is due, and tells when to come back if no answer comes first. */
static long issue_due(struct load *load, long now)
{
	long due;

	while (load->idle_first < load->idle_end) {
		due = load->rate ?
			load->began + load->issued * SECOND / load->rate : now;
		if (due >= load->end)
			return now + PATIENCE;
		if (due > now)
			return due;
		issue(load, due);
	}
	return now + PATIENCE;
}

/* Whether the answer is whole. */
static int complete(struct connection *c)
{
	char *body, *header, saved;
	size_t have;
	int length = -1, chunked;

	c->answer[c->got] = 0;
	body = strstr(c->answer, "\r\n\r\n");
	if (!body)
		return 0;
	body += 4;
	have = c->got - (body - c->answer);
	saved = *body;
	*body = 0;
	header = strcasestr(c->answer, "\r\nContent-Length:");
	if (header)
		length = atoi(header + strlen("\r\nContent-Length:"));
	chunked = !!strcasestr(c->answer, "\r\nTransfer-Encoding: chunked");
	*body = saved;
	if (chunked)
		return have >= 5 && !strcmp(body + have - 5, "0\r\n\r\n");
	return length >= 0 && have >= (size_t)length;
}

static void finish(struct load *load, struct connection *c)
{
	load->last = nanoseconds_now();
	if (strncmp(c->answer, "HTTP/1.1 2", 10))
		failed(load, c->answer);
	latencies_add(&load->latencies, load->last - c->began);
	if (strcasestr(c->answer, "\r\nConnection: close"))
		reopen(load, c);
	set_idle(load, c);
}

static void receive(struct load *load, struct connection *c)
{
	ssize_t n = recv(c->fd, c->answer + c->got, ANSWER_SIZE - c->got,
			 MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		if (c->busy) {
			failed(load, "the connection ended before the answer");
			set_idle(load, c);
		}
		reopen(load, c);
		return;
	}
	c->got += n;
	if (complete(c))
		finish(load, c);
	else if (c->got == ANSWER_SIZE) {
		fprintf(stderr, "load: an answer of over %d bytes\n",
			ANSWER_SIZE);
		exit(1);
	}
}

static void wait_until(struct load *load, long until)
{
	struct epoll_event events[256];
	long left = until - nanoseconds_now();
	struct timespec timeout = { 0 };
	int n;

	if (left > 0) {
		timeout.tv_sec = left / SECOND;
		timeout.tv_nsec = left % SECOND;
	}
	n = epoll_pwait2(load->epoll, events, 256, &timeout, NULL);
	if (n < 0 && errno != EINTR)
		fail("epoll_pwait2");
	for (int i = 0; i < n; i++) {
		struct connection *c = events[i].data.ptr;

		if (events[i].events & EPOLLOUT)
			send_on(load, c);
		if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			receive(load, c);
	}
}

static void run(struct load *load)
{
	long now;

	load->began = load->last = now = nanoseconds_now();
	load->end = now + load->seconds * SECOND;
	while (now < load->end ||
	       load->idle_end - load->idle_first < load->count) {
		long until = now < load->end ? issue_due(load, now) :
					       now + PATIENCE;

		if (now < load->end && until > load->end)
			until = load->end;
		wait_until(load, until);
		now = nanoseconds_now();
		if (now > load->end + PATIENCE) {
			failed(load, "answers that did not come in 10 s");
			load->last = now;
			return;
		}
	}
}

/* Where the last digits of the sandbox stand in a request. */
static char *sandbox_digits(const struct request *request)
{
	char *end = memmem(request->bytes, request->size, "/batches", 8);

	return end - SANDBOX_DIGITS;
}

static void print_result(struct load *load)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	latencies_sort(&load->latencies);
	printf("%zu %ld %ld %u %u %ld %zu\n", load->latencies.count,
	       (load->last - load->began) / 1000, load->failures,
	       latencies_percentile(&load->latencies, 50),
	       latencies_percentile(&load->latencies, 99),
	       (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L +
		       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec,
	       load->connections[0].request.body_size);
}

int main(int argc, char **argv)
{
	struct load load = { 0 };
	struct request request;
	struct request_form form;
	char prefix[32];
	long first;

	if (argc != 9 && (argc != 11 || !strstr(argv[2], "/batches"))) {
		fprintf(stderr, "usage: load PORT PATH TOKEN gateway|flume "
			"EVENTS CONNECTIONS SECONDS RATE [SANDBOXES FIRST]\n");
		return 2;
	}
	snprintf(prefix, sizeof(prefix), "%x", (unsigned int)nanoseconds_now());
	form = (struct request_form) {
		.port = atoi(argv[1]), .path = argv[2], .token = argv[3],
		.prefix = prefix, .flume = !strcmp(argv[4], "flume"),
		.events = atoi(argv[5]),
	};
	load.count = atoi(argv[6]);
	load.seconds = atol(argv[7]);
	load.rate = atol(argv[8]);
	load.sandboxes = argc == 11 ? atol(argv[9]) : 0;
	first = argc == 11 ? atol(argv[10]) : 0;
	if (form.events < 1 || load.count < 1 || load.seconds < 1) {
		fprintf(stderr, "load: there must be one at least of each\n");
		return 2;
	}
	/* Else the kernel lets a timer be 50 microseconds late. */
	prctl(PR_SET_TIMERSLACK, 1);
	request_build(&request, &form);
	load.address.sin_family = AF_INET;
	load.address.sin_port = htons(form.port);
	load.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	load.epoll = epoll_create1(0);
	load.connections = calloc(load.count, sizeof(*load.connections));
	load.idle = calloc(load.count, sizeof(*load.idle));
	if (load.epoll < 0 || !load.connections || !load.idle)
		fail("load");
	for (int i = 0; i < load.count; i++) {
		struct connection *c = &load.connections[i];

		c->request = request_copy(&request);
		c->turn = first + i;
		if (load.sandboxes > 0)
			c->sandbox = sandbox_digits(&c->request);
		open_connection(&load, c);
		set_idle(&load, c);
	}
	run(&load);
	print_result(&load);
	return 0;
}
