// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

/* Numbers have as many digits from the first to the last: no byte moves. */
#define DIGITS 10
#define NUMBER "1000000000"

#define TIME "2026-11-22T09:31:00.123456789Z"

static const char head[] =
	"{\"host\": {\"id\": \"bench\", \"name\": \"bench\", \"bootId\": "
	"\"6f3c1f0e-2f1b-4d7a-9d53-0d8a2f6f9d11\", \"kernel\": "
	"\"6.1.0-40-amd64\", \"loaderVersion\": \"1.0.0\"}, \"application\": "
	"{\"name\": \"nvme\", \"version\": \"6.1\"}, \"events\": [";
static const char tail[] = "]}";

static const char event[] =
	"{\"seq\": " NUMBER ", \"kind\": \"message\", \"name\": "
	"\"queue-depth\", \"time\": \"" TIME "\", \"bootTimeNs\": "
	"4711000000000, \"cpu\": 1, \"pid\": 412, \"comm\": "
	"\"kworker/u4:2\", \"payload\": \"{ device: 'nvme0n1', depth: 31, "
	"waited_ns: 1834112, busy: true, node: 0, mode: 'polled' }\"}";

static void *required(void *memory)
{
	if (!memory) {
		perror("memory for a request");
		exit(1);
	}
	return memory;
}

/* An event's text as the body of a Flume event, its quotes made single. */
static char *flume_event(void)
{
	char *text;

	if (asprintf(&text, "{\"body\": \"%s\"}", event) < 0)
		required(NULL);
	for (char *c = text + strlen("{\"body\": \""); c[2]; c++)
		if (*c == '"')
			*c = '\'';
	return text;
}

static char *body(const struct request_form *form)
{
	char *one = form->flume ? flume_event() : required(strdup(event));
	const char *before = form->flume ? "[" : head;
	const char *after = form->flume ? "]" : tail;
	char *text = required(malloc(strlen(before) + strlen(after) + 1 +
				     form->events * (strlen(one) + 2)));
	char *end = stpcpy(text, before);

	for (int i = 0; i < form->events; i++)
		end = stpcpy(stpcpy(end, i ? ", " : ""), one);
	strcpy(end, after);
	free(one);
	return text;
}

static void find_numbers(struct request *request)
{
	char *at = strstr(request->bytes, "\r\nIdempotency-Key:");

	at = strstr(at, NUMBER);
	request->key = at - request->bytes;
	for (int i = 0; i < request->events; i++) {
		at = strstr(at + DIGITS, NUMBER);
		request->sequences[i] = at - request->bytes;
	}
}

void request_build(struct request *request, const struct request_form *form)
{
	char *text = body(form);

	request->events = form->events;
	request->body_size = strlen(text);
	request->sequences = required(calloc(form->events, sizeof(size_t)));
	if (asprintf(&request->bytes,
		     "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
		     "Authorization: Bearer %s\r\n"
		     "Content-Type: application/json\r\n"
		     "Idempotency-Key: \"%s-" NUMBER "\"\r\n"
		     "Content-Length: %zu\r\n\r\n%s",
		     form->path, form->port, form->token, form->prefix,
		     request->body_size, text) < 0)
		required(NULL);
	request->size = strlen(request->bytes);
	free(text);
	find_numbers(request);
}

struct request request_copy(const struct request *request)
{
	struct request copy = *request;

	copy.bytes = required(malloc(request->size));
	memcpy(copy.bytes, request->bytes, request->size);
	return copy;
}

static void put(char *at, long number)
{
	for (int i = DIGITS - 1; i >= 0; i--, number /= 10)
		at[i] = '0' + number % 10;
}

void request_number(struct request *request, long key, long sequence)
{
	put(request->bytes + request->key, key);
	for (int i = 0; i < request->events; i++)
		put(request->bytes + request->sequences[i], sequence + i);
}
