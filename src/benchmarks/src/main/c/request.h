/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REQUEST_H
#define REQUEST_H

#include <stddef.h>

/* One POST, whole, with places that are overwritten from one to the next. */
struct request {
	char *bytes;
	size_t size;
	size_t body_size;
	size_t key;		/* where the key's number stands */
	size_t *sequences;	/* where the events' numbers stand */
	int events;
};

struct request_form {
	int port;
	const char *path;
	const char *token;
	const char *prefix;	/* of the idempotency keys */
	int flume;		/* body as Flume's JSONHandler takes it */
	int events;
};

/* Fills in what is free; ends the program when there is no memory. */
void request_build(struct request *request, const struct request_form *form);

/* A copy with bytes of its own. */
struct request request_copy(const struct request *request);

/* The key's number, and its first event's; the others are numbered on. */
void request_number(struct request *request, long key, long sequence);

#endif
