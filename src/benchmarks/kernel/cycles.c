/*
 * Loads the host loader's BPF object and attaches it, as the host loader does,
 * with nothing of a JVM in the account.
 *
 *   cycles OBJECT hold        until its input ends; says "attached"
 *   cycles OBJECT NUMBER      loads, attaches, detaches and unloads so often
 */

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAMS	8

static int fail(const char *what)
{
	perror(what);
	return 1;
}

/* One life: loaded, attached, held while input comes, and all taken away. */
static int cycle(const char *file, int hold)
{
	struct bpf_link *links[PROGRAMS];
	struct bpf_program *program;
	struct bpf_object *object;
	int fd, programs, count = 0;
	unsigned int kind = 0;
	char byte;

	object = bpf_object__open_file(file, NULL);
	if (!object)
		return fail("open");
	if (bpf_object__load(object))
		return fail("load");
	programs = bpf_object__find_map_fd_by_name(object, "programs");
	/* As the loader: the entries are attached and go on with the others. */
	bpf_object__for_each_program(program, object) {
		if (strncmp(bpf_program__name(program), "at_", 3)) {
			fd = bpf_program__fd(program);
			kind++;
			if (bpf_map_update_elem(programs, &kind, &fd, 0))
				return fail(bpf_program__name(program));
		}
	}
	bpf_object__for_each_program(program, object) {
		if (strncmp(bpf_program__name(program), "at_", 3))
			continue;
		if (count == PROGRAMS)
			break;
		links[count] = bpf_program__attach(program);
		if (!links[count++])
			return fail(bpf_program__name(program));
	}
	if (hold) {
		printf("attached: %d programs\n", count);
		fflush(stdout);
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
	}
	while (count > 0)
		bpf_link__destroy(links[--count]);
	bpf_object__close(object);
	return 0;
}

int main(int argc, char **argv)
{
	long left;

	if (argc != 3) {
		fprintf(stderr, "cycles OBJECT hold|NUMBER\n");
		return 2;
	}
	libbpf_set_print(NULL);
	if (!strcmp(argv[2], "hold"))
		return cycle(argv[1], 1);
	for (left = atol(argv[2]); left > 0; left--) {
		if (cycle(argv[1], 0))
			return 1;
	}
	return 0;
}
