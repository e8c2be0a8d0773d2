// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches the host loader's BPF program before there is a host loader: in the
 * initramfs, as the first thing that user space does.
 *
 *   attach-early OBJECT FOLDER [RING_BYTES]
 *
 * loads OBJECT, telemetry.kprobe.bpf.o, attaches it to the five functions and
 * pins all of it in FOLDER, of a BPF file system, as the host loader does (class
 * Pins draws it). Calls wait in the ring from then on. The host loader goes on
 * with that ring by the mark that is set last: the folder "early" beside it.
 *
 * The functions may be the kernel's own, or of its module telemetry, which need
 * not be loaded yet: tracefs does for both. If there are pins already, nothing is
 * done. Exit code: 0 attached, or there already; 1 not, and nothing is pinned.
 */

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULE		"telemetry"
#define TRACING		"/sys/kernel/tracing/"
/* What the host loader sweeps when nobody holds it any more. */
#define GROUP		"svos_telemetry_host"
/* The layout of the maps, records and pins. */
#define LAYOUT		"v1"

static const struct hook {
	const char *function;
	const char *entry;	/* the program that is attached */
	const char *program;	/* the one that it goes on with */
	unsigned int kind;
} hooks[] = {
	{ "register_telemetry", "at_register_telemetry", "on_register", 1 },
	{ "session_begin", "at_session_begin", "on_session_begin", 2 },
	{ "telemetry_msg", "at_telemetry_msg", "on_message", 3 },
	{ "session_end", "at_session_end", "on_session_end", 4 },
	{ "unregister_telemetry", "at_unregister_telemetry", "on_unregister", 5 },
};

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define HOOKS			ARRAY_SIZE(hooks)

static const char * const maps[] = {
	"ring", "counters", "sequence", "programs", "settings", "guard",
};

#define MAPS			ARRAY_SIZE(maps)

static const char *folder;

static int fail(const char *what, const char *which)
{
	fprintf(stderr, "attach-early: %s %s: %s\n", what, which, strerror(errno));
	return -1;
}

static int say_warnings(enum libbpf_print_level level, const char *format, va_list values)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, values) : 0;
}

/* The path of a pin, good until the next call. */
static const char *pin(const char *format, ...)
{
	static char path[512];
	va_list names;
	int at;

	at = snprintf(path, sizeof(path), "%s/" LAYOUT "/", folder);
	va_start(names, format);
	vsnprintf(path + at, sizeof(path) - at, format, names);
	va_end(names);
	return path;
}

/*
 * Whether the kernel itself has the five: 1; 0 if it has not, so that they are
 * the module's; -1 if it has other functions of these names, too, or folded two
 * of them into one: the host loader says what to do about it.
 */
static int are_built_in(void)
{
	unsigned long long address, addresses[HOOKS] = { 0 };
	char line[512], name[256], module[64], type;
	unsigned int count[HOOKS] = { 0 }, i, j, found = 0;
	FILE *symbols = fopen("/proc/kallsyms", "r");

	if (!symbols)
		return fail("opening", "/proc/kallsyms");
	while (fgets(line, sizeof(line), symbols)) {
		if (sscanf(line, "%llx %c %255s %63s", &address, &type, name, module) != 3 ||
		    (type != 't' && type != 'T'))
			continue;
		for (i = 0; i < HOOKS; i++) {
			if (strcmp(name, hooks[i].function))
				continue;
			addresses[i] = address;
			found += !count[i]++;
		}
	}
	fclose(symbols);
	if (found < HOOKS)
		return 0;
	for (i = 0; i < HOOKS; i++) {
		for (j = 0; j < i; j++)
			if (addresses[i] && addresses[i] == addresses[j])
				count[i]++;
		if (count[i] > 1) {
			errno = ENOTUNIQ;
			return fail("the kernel's function", hooks[i].function);
		}
	}
	return 1;
}

/* A kprobe on the function's entry, as an event of tracefs; its descriptor. */
static int open_event(const struct hook *hook, int built_in)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
	char line[256], path[256];
	FILE *id;
	int fd;

	fd = open(TRACING "kprobe_events", O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return fail("opening", TRACING "kprobe_events");
	snprintf(line, sizeof(line), "p:" GROUP "/%s_early %s%s\n", hook->function,
		 built_in ? "" : MODULE ":", hook->function);
	if (write(fd, line, strlen(line)) < 0) {
		fail("making a trace event of", hook->function);
		close(fd);
		return -1;
	}
	close(fd);
	snprintf(path, sizeof(path), TRACING "events/" GROUP "/%s_early/id", hook->function);
	id = fopen(path, "r");
	if (!id || fscanf(id, "%llu", &attr.config) != 1)
		return fail("reading", path);
	fclose(id);
	/* One CPU's suffices: a program runs for the calls of every CPU. */
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? fail("opening the trace event of", hook->function) : fd;
}

static int attach(struct bpf_object *object, const struct hook *hook, int built_in)
{
	struct bpf_program *entry = bpf_object__find_program_by_name(object, hook->entry);
	struct bpf_link *link;
	int event = open_event(hook, built_in);

	if (event < 0)
		return -1;
	link = bpf_program__attach_perf_event(entry, event);
	if (!link)
		return fail("attaching to", hook->function);
	if (bpf_program__pin(entry, pin("entry-%s", hook->function)) ||
	    bpf_link__pin(link, pin("link-tracefs-%s", hook->function)))
		return fail("pinning", hook->function);
	return 0;
}

/* The object, loaded, with its programs where its entries look for them. */
static struct bpf_object *load(const char *file, unsigned int ring_bytes)
{
	struct bpf_object *object = bpf_object__open_file(file, NULL);
	unsigned int i;
	int programs, fd;

	if (!object) {
		fail("opening", file);
		return NULL;
	}
	if ((ring_bytes &&
	     bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "ring"), ring_bytes)) ||
	    bpf_object__load(object)) {
		fail("loading", file);
		return NULL;
	}
	programs = bpf_object__find_map_fd_by_name(object, "programs");
	for (i = 0; i < HOOKS; i++) {
		fd = bpf_program__fd(bpf_object__find_program_by_name(object, hooks[i].program));
		if (bpf_map_update_elem(programs, &hooks[i].kind, &fd, BPF_ANY)) {
			fail("setting the program", hooks[i].program);
			return NULL;
		}
	}
	return object;
}

static int attach_all(const char *file, unsigned int ring_bytes)
{
	struct bpf_object *object;
	unsigned int i;
	int fd, built_in = are_built_in();

	if (built_in < 0)
		return -1;
	object = load(file, ring_bytes);
	if (!object)
		return -1;
	for (i = 0; i < MAPS; i++) {
		fd = bpf_object__find_map_fd_by_name(object, maps[i]);
		if (bpf_obj_pin(fd, pin("%s", maps[i])))
			return fail("pinning", maps[i]);
	}
	for (i = 0; i < HOOKS; i++)
		if (attach(object, &hooks[i], built_in))
			return -1;
	if (mkdir(pin("early"), 0700))
		return fail("making", pin("early"));
	printf("attach-early: attached to %s; calls wait in the ring, pinned in %s\n",
	       built_in ? "the kernel's functions" : "those of the module " MODULE, folder);
	return 0;
}

/* Takes away what has been pinned. What then is held by nobody goes with this process. */
static void undo(void)
{
	unsigned int i;

	for (i = 0; i < HOOKS; i++) {
		unlink(pin("link-tracefs-%s", hooks[i].function));
		unlink(pin("entry-%s", hooks[i].function));
	}
	for (i = 0; i < MAPS; i++)
		unlink(pin("%s", maps[i]));
	rmdir(pin("%s", ""));
}

int main(int argc, char **argv)
{
	if (argc != 3 && argc != 4) {
		fprintf(stderr, "attach-early OBJECT FOLDER [RING_BYTES]\n");
		return 1;
	}
	libbpf_set_print(say_warnings);
	folder = argv[2];
	if (mkdir(folder, 0700) && errno != EEXIST) {
		fail("making", folder);
		return 1;
	}
	if (mkdir(pin("%s", ""), 0700)) {
		if (errno == EEXIST) {
			printf("attach-early: there are pins in %s already\n", folder);
			return 0;
		}
		fail("making", pin("%s", ""));
		return 1;
	}
	if (attach_all(argv[1], argc == 4 ? strtoul(argv[3], NULL, 10) : 0)) {
		undo();
		return 1;
	}
	return 0;
}
