// SPDX-License-Identifier: GPL-2.0-only
/* See tracing.h. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracing.h"

/* --- code --- */

void code_begin(struct code *code)
{
	memset(code, 0, sizeof(*code));
}

__u32 code_prog(struct code *code, const struct droptrace_insn *insns, unsigned int len)
{
	if (code->nr_progs == CODE_PROGS || code->nr_insns + len > CODE_INSNS)
		errx(1, "too much code for a test");
	memcpy(code->insns + code->nr_insns, insns, len * sizeof(*insns));
	code->nr_insns += len;
	code->lens[code->nr_progs] = len;
	return code->nr_progs++;
}

__u32 code_reg(struct code *code, unsigned int reg)
{
	const struct droptrace_insn insns[] = { INSN(REG, 0, 0, 0, reg), INSN(END, 0, 0, 0, 0) };

	return code_prog(code, insns, 2);
}

__u32 code_frame(struct code *code, __u64 entry, __u32 packet, __u32 flags)
{
	if (code->nr_frames == CODE_FRAMES)
		errx(1, "too many frames for a test");
	code->frames[code->nr_frames] = (struct droptrace_frame){ entry, packet, flags };
	return code->nr_frames++;
}

__u32 code_point(struct code *code, __u64 address, __u32 frame, __u8 kind, __u8 reg, __u32 prog)
{
	if (code->nr_points == CODE_POINTS)
		errx(1, "too many points for a test");
	code->points[code->nr_points] = (struct droptrace_point){
		.address = address, .prog = prog, .frame = frame, .kind = kind, .reg = reg,
	};
	return code->nr_points++;
}

__u32 code_function(struct code *code, __u64 entry, unsigned int reg, __u32 flags)
{
	__u32 frame = code_frame(code, entry, code_reg(code, reg), flags);

	code_point(code, entry, frame, DROPTRACE_POINT_ENTRY, DROPTRACE_NO_REG, DROPTRACE_NONE);
	return frame;
}

/* --- operations --- */

static struct request *request_new(struct client *client, __u8 cmd)
{
	struct request *req = malloc(sizeof(*req));

	if (!req)
		err(1, "no memory");
	request_begin(req, client, cmd, 0);
	return req;
}

static int request_end(struct request *req, struct client *client)
{
	int error = client_call(client, req);

	free(req);
	return error;
}

int client_trace_add(struct client *client, const struct trace *trace)
{
	struct request *req = request_new(client, DROPTRACE_CMD_TRACE_ADD);
	int error;

	if (trace->name)
		request_put_string(req, DROPTRACE_A_TRACE_NAME, trace->name);
	if (trace->filters)
		request_put(req, DROPTRACE_A_TRACE_FILTERS, trace->filters,
			    trace->nr_filters * sizeof(*trace->filters));
	if (trace->owned)
		request_put_flag(req, DROPTRACE_A_TRACE_OWNED);
	if (trace->passing)
		request_put_u32(req, DROPTRACE_A_TRACE_PASSING, trace->passing);
	if (trace->path_size)
		request_put_u32(req, DROPTRACE_A_TRACE_PATH_SIZE, trace->path_size);
	if (trace->has_snaplen)
		request_put_u32(req, DROPTRACE_A_TRACE_SNAPLEN, trace->snaplen);
	if (trace->spec)
		request_put_string(req, DROPTRACE_A_TRACE_SPEC, trace->spec);
	if (trace->expire)
		request_put_u32(req, DROPTRACE_A_TRACE_EXPIRE, trace->expire);
	error = request_end(req, client);
	return error ?: (int)attr_u32(client->reply.of[DROPTRACE_A_TRACE_ID]);
}

int trace_del(struct client *client, __u32 id)
{
	struct request *req = request_new(client, DROPTRACE_CMD_TRACE_DEL);

	request_put_u32(req, DROPTRACE_A_TRACE_ID, id);
	return request_end(req, client);
}

int trace_del_all(struct client *client)
{
	struct request *req = request_new(client, DROPTRACE_CMD_TRACE_DEL);

	request_put_flag(req, DROPTRACE_A_TRACE_ALL);
	return request_end(req, client);
}

static void put_progs(struct request *req, const struct code *code)
{
	size_t head = (1 + code->nr_progs + 1) / 2 * 2 * sizeof(__u32);
	size_t len = head + code->nr_insns * sizeof(*code->insns);
	__u32 *bytes = calloc(1, len);

	if (!bytes)
		err(1, "no memory");
	bytes[0] = code->nr_progs;
	memcpy(bytes + 1, code->lens, code->nr_progs * sizeof(__u32));
	memcpy((char *)bytes + head, code->insns, len - head);
	request_put(req, DROPTRACE_A_TRACE_PROGS, bytes, len);
	free(bytes);
}

int points_add(struct client *client, __u32 trace, const struct code *code)
{
	struct request *req = request_new(client, DROPTRACE_CMD_POINT_ADD);

	request_put_u32(req, DROPTRACE_A_TRACE_ID, trace);
	if (code->nr_frames)
		request_put(req, DROPTRACE_A_TRACE_FRAMES, code->frames,
			    code->nr_frames * sizeof(*code->frames));
	if (code->nr_points)
		request_put(req, DROPTRACE_A_TRACE_POINTS, code->points,
			    code->nr_points * sizeof(*code->points));
	if (code->nr_progs)
		put_progs(req, code);
	return request_end(req, client);
}

int points_arm(struct client *client, __u32 trace, bool partial,
	       struct droptrace_refusal *refusals, size_t max)
{
	struct request *req = request_new(client, DROPTRACE_CMD_POINT_ARM);
	const struct nlattr *refused;
	size_t nr;
	int error;

	request_put_u32(req, DROPTRACE_A_TRACE_ID, trace);
	if (partial)
		request_put_flag(req, DROPTRACE_A_TRACE_PARTIAL);
	req->nlh.nlmsg_flags |= NLM_F_ACK;
	client_send(client, req);
	/* thousands of points take their time in an emulated machine */
	error = client_await(client, req, 10 * PATIENCE);
	free(req);
	if (error)
		return error;
	refused = client->reply.of[DROPTRACE_A_TRACE_REFUSED];
	if (!refused)
		return 0;
	nr = attr_len(refused) / sizeof(*refusals);
	if (refusals)
		memcpy(refusals, attr_data(refused), (nr < max ? nr : max) * sizeof(*refusals));
	return nr;
}

int trace_keep(struct client *client, __u32 trace)
{
	struct request *req = request_new(client, DROPTRACE_CMD_POINT_ARM);

	request_put_u32(req, DROPTRACE_A_TRACE_ID, trace);
	request_put_flag(req, DROPTRACE_A_TRACE_KEEP);
	return request_end(req, client);
}

int trace_arm(struct client *client, __u32 trace, const struct code *code, bool partial)
{
	int error = points_add(client, trace, code);

	return error ?: points_arm(client, trace, partial, NULL, 0);
}

struct traces_found {
	struct trace_info *infos;
	size_t max;
	size_t nr;
};

static void take_trace(const struct attrs *attrs, void *arg)
{
	const struct nlattr *const *of = attrs->of;
	struct traces_found *found = arg;
	struct trace_info *info = &found->infos[found->nr];

	if (found->nr++ >= found->max)
		return;
	memset(info, 0, sizeof(*info));
	info->id = attr_u32(of[DROPTRACE_A_TRACE_ID]);
	attr_copy_string(of[DROPTRACE_A_TRACE_NAME], info->name, sizeof(info->name));
	info->owned = of[DROPTRACE_A_TRACE_OWNED];
	info->live = attr_u32(of[DROPTRACE_A_TRACE_LIVE]);
	info->passing = attr_u32(of[DROPTRACE_A_TRACE_PASSING]);
	attr_copy_string(of[DROPTRACE_A_TRACE_SPEC], info->spec, sizeof(info->spec));
	info->expire = attr_u32(of[DROPTRACE_A_TRACE_EXPIRE]);
	info->age_ns = attr_u64(of[DROPTRACE_A_TRACE_AGE_NS]);
	info->nr_points = attr_u32(of[DROPTRACE_A_TRACE_NR_POINTS]);
	info->nr_armed = attr_u32(of[DROPTRACE_A_TRACE_NR_ARMED]);
	info->nr_optimized = attr_u32(of[DROPTRACE_A_TRACE_NR_OPTIMIZED]);
	info->hits = attr_u64(of[DROPTRACE_A_TRACE_HITS]);
	info->missed = attr_u64(of[DROPTRACE_A_TRACE_MISSED]);
	info->opened = attr_u64(of[DROPTRACE_A_TRACE_OPENED]);
	info->kept = attr_u64(of[DROPTRACE_A_TRACE_KEPT]);
	info->truncated = attr_u64(of[DROPTRACE_A_TRACE_TRUNCATED]);
	info->no_context = attr_u64(of[DROPTRACE_A_TRACE_NO_CONTEXT]);
}

int client_traces(struct client *client, struct trace_info *infos, size_t max)
{
	struct traces_found found = { infos, max, 0 };
	int error = client_dump(client, DROPTRACE_CMD_TRACE_GET, take_trace, &found);

	return error ?: (int)found.nr;
}

bool client_trace_info(struct client *client, __u32 id, struct trace_info *info)
{
	struct trace_info infos[DROPTRACE_TRACES_MAX];
	int i, nr = client_traces(client, infos, DROPTRACE_TRACES_MAX);

	for (i = 0; i < nr; i++) {
		if (infos[i].id == id) {
			*info = infos[i];
			return true;
		}
	}
	return false;
}

struct points_found {
	struct point_info *infos;
	size_t max;
	size_t nr;
	__u32 trace;
};

static void take_point(const struct attrs *attrs, void *arg)
{
	const struct nlattr *const *of = attrs->of;
	struct points_found *found = arg;
	struct point_info *info = &found->infos[found->nr];

	if (attr_u32(of[DROPTRACE_A_POINT_TRACE]) != found->trace || found->nr++ >= found->max)
		return;
	info->trace = found->trace;
	info->index = attr_u32(of[DROPTRACE_A_POINT_INDEX]);
	info->address = attr_u64(of[DROPTRACE_A_POINT_ADDRESS]);
	info->kind = attr_u32(of[DROPTRACE_A_POINT_KIND]);
	info->state = attr_u32(of[DROPTRACE_A_POINT_STATE]);
	info->optimized = attr_u32(of[DROPTRACE_A_POINT_OPTIMIZED]);
	info->error = attr_u32(of[DROPTRACE_A_POINT_ERROR]);
	info->hits = attr_u64(of[DROPTRACE_A_POINT_HITS]);
	info->missed = attr_u64(of[DROPTRACE_A_POINT_MISSED]);
}

int client_points(struct client *client, __u32 trace, struct point_info *infos, size_t max)
{
	struct points_found found = { infos, max, 0, trace };
	int error = client_dump(client, DROPTRACE_CMD_POINT_GET, take_point, &found);

	return error ?: (int)found.nr;
}

/* --- the kernel's code --- */

struct known {
	__u64 address;
	char name[80];
};

static struct known *known;
static size_t nr_known;

static int by_address(const void *a, const void *b)
{
	const struct known *one = a, *other = b;

	return one->address < other->address ? -1 : one->address > other->address;
}

void symbols_load(void)
{
	FILE *kallsyms = fopen("/proc/kallsyms", "r");
	unsigned long long address;
	char line[512], type;

	if (known || !kallsyms)
		return;
	while (fgets(line, sizeof(line), kallsyms)) {
		if (!(nr_known & (nr_known - 1)))
			known = realloc(known, (nr_known ? 2 * nr_known : 1) * sizeof(*known));
		if (!known)
			err(1, "no memory");
		if (sscanf(line, "%llx %c %79s", &address, &type, known[nr_known].name) == 3 &&
		    strchr("tTwW", type))
			known[nr_known++].address = address;
	}
	fclose(kallsyms);
	qsort(known, nr_known, sizeof(*known), by_address);
}

static const struct known *find_symbol(const char *name, bool whole)
{
	size_t i;

	symbols_load();
	for (i = 0; i < nr_known; i++)
		if (whole ? !strcmp(known[i].name, name) :
			    !strncmp(known[i].name, name, strlen(name)))
			return &known[i];
	return NULL;
}

__u64 symbol(const char *name)
{
	const struct known *found = find_symbol(name, true);

	return found ? found->address : 0;
}

__u64 symbol_end(const char *name)
{
	const struct known *found = find_symbol(name, true), *next;

	if (!found)
		return 0;
	for (next = found; next < known + nr_known && next->address == found->address; next++)
		;
	return next->address;
}

const char *renamed(const char *then, const char *now)
{
	return symbol(then) ? then : now;
}

__u64 symbol_like(const char *begin)
{
	const struct known *found = find_symbol(begin, false);

	return found ? found->address : 0;
}

bool kernel_bytes(__u64 address, void *bytes, size_t len)
{
	int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	struct elf64_hdr header;
	struct elf64_phdr part;
	bool read = false;
	int i;

	if (fd < 0 || pread(fd, &header, sizeof(header), 0) != sizeof(header))
		goto out;
	for (i = 0; i < header.e_phnum && !read; i++) {
		if (pread(fd, &part, sizeof(part), header.e_phoff + i * sizeof(part)) !=
		    sizeof(part))
			break;
		if (part.p_type == PT_LOAD && address >= part.p_vaddr &&
		    address + len <= part.p_vaddr + part.p_memsz)
			read = pread(fd, bytes, len, part.p_offset + (address - part.p_vaddr)) ==
			       (ssize_t)len;
	}
out:
	if (fd >= 0)
		close(fd);
	return read;
}

bool code_returns(__u64 address)
{
	__u8 bytes[5];
	__s32 distance;

	if (!kernel_bytes(address, bytes, sizeof(bytes)))
		return false;
	if (bytes[0] == 0xc3)
		return true;
	memcpy(&distance, bytes + 1, sizeof(distance));
	return bytes[0] == 0xe9 && address + 5 + distance == symbol("__x86_return_thunk");
}

unsigned int instructions(struct client *client, const char *function, __u64 *addresses,
			  unsigned int max)
{
	__u64 start = symbol(function), end = symbol_end(function), at;
	static struct droptrace_refusal refusals[CODE_POINTS];
	static struct code code;
	unsigned int nr = 0, refused = 0;
	int trace, nr_refused;

	code_begin(&code);
	code_frame(&code, start, DROPTRACE_NONE, 0);
	for (at = start; at < end && code.nr_points < CODE_POINTS; at++)
		code_point(&code, at, 0, DROPTRACE_POINT_BLOCK, DROPTRACE_NO_REG, DROPTRACE_NONE);
	trace = trace_add(client, .owned = true);
	if (trace < 0 || points_add(client, trace, &code))
		return 0;
	nr_refused = points_arm(client, trace, true, refusals, CODE_POINTS);
	trace_del(client, trace);
	if (nr_refused < 0)
		return 0;
	for (at = 0; at < code.nr_points && nr < max; at++) {
		if (refused < (unsigned int)nr_refused && refusals[refused].point == at)
			refused++;
		else
			addresses[nr++] = start + at;
	}
	return nr;
}

/* --- paths --- */

static void split_steps(struct path *path)
{
	const struct droptrace_step *step;
	size_t at = 0, next;

	path->steps = calloc(path->len / sizeof(*step) + 1, sizeof(*path->steps));
	if (!path->steps)
		err(1, "no memory");
	while (at < path->len) {
		step = (const void *)(path->bytes + at);
		next = at + sizeof(*step) + step->words * 4;
		if (next > path->len) {
			path->malformed = true;
			return;
		}
		path->steps[path->nr_steps++] = (struct step){
			step->point, step->kind, step->words * 4, (const __u8 *)(step + 1),
		};
		at = next;
	}
}

static void path_free(struct path *path)
{
	free(path->bytes);
	free(path->steps);
}

static void add_chunk(struct path *path, const struct attrs *attrs)
{
	const struct nlattr *steps = attrs->of[DROPTRACE_A_PATH_STEPS];
	const struct nlattr *packet = attrs->of[DROPTRACE_A_PATH_EVENT];

	if (attr_u32(attrs->of[DROPTRACE_A_PATH_CHUNK]) != path->chunks)
		path->malformed = true;
	if (packet && path->chunks)
		path->malformed = true;
	path->chunks++;
	path->flags = attr_u32(attrs->of[DROPTRACE_A_PATH_FLAGS]);
	path->time_ns = attr_u64(attrs->of[DROPTRACE_A_PATH_TIME_NS]);
	if (packet) {
		path->has_packet = true;
		event_decode(&path->packet, packet);
	}
	if (steps && path->len + attr_len(steps) <= PATH_BYTES) {
		path->bytes = realloc(path->bytes, path->len + attr_len(steps));
		if (!path->bytes)
			err(1, "no memory");
		memcpy(path->bytes + path->len, attr_data(steps), attr_len(steps));
		path->len += attr_len(steps);
	}
	if (path->flags & DROPTRACE_PATH_LAST) {
		path->whole = true;
		split_steps(path);
	}
}

static void take_chunk(struct paths *paths, const struct nlattr *nest)
{
	struct path *path = NULL;
	struct attrs attrs;
	__u64 context;
	size_t i;

	attrs_parse(&attrs, attr_data(nest), attr_len(nest));
	context = attr_u64(attrs.of[DROPTRACE_A_PATH_CONTEXT]);
	for (i = paths->nr; i && !path; i--)
		if (paths->of[i - 1].context == context && !paths->of[i - 1].whole)
			path = &paths->of[i - 1];
	if (!path && paths->nr == paths->max) {
		if (attr_u32(attrs.of[DROPTRACE_A_PATH_FLAGS]) & DROPTRACE_PATH_LAST)
			paths->whole++;
		return;
	}
	if (!path) {
		path = &paths->of[paths->nr++];
		memset(path, 0, sizeof(*path));
		path->trace = attr_u32(attrs.of[DROPTRACE_A_PATH_TRACE]);
		path->context = context;
	}
	add_chunk(path, &attrs);
	if (!path->whole)
		return;
	paths->whole++;
	if (paths->each) {
		paths->each(paths->arg, path);
		path_free(path);
		*path = paths->of[--paths->nr];
	}
}

static void take_gone(struct paths *paths, const struct nlattr *nest)
{
	struct gone *gone = &paths->gone[paths->nr_gone];
	struct attrs attrs;

	if (paths->nr_gone == sizeof(paths->gone) / sizeof(*gone))
		return;
	paths->nr_gone++;
	attrs_parse(&attrs, attr_data(nest), attr_len(nest));
	gone->trace = attr_u32(attrs.of[DROPTRACE_A_TRACE_ID]);
	gone->nr_points = attr_u32(attrs.of[DROPTRACE_A_TRACE_NR_POINTS]);
	attr_copy_string(attrs.of[DROPTRACE_A_TRACE_MODULE], gone->module, sizeof(gone->module));
}

static void take_path(void *arg, int type, const struct nlattr *nest)
{
	if (type == DROPTRACE_A_SESSION_PATH)
		take_chunk(arg, nest);
	else
		take_gone(arg, nest);
}

void paths_begin(struct paths *paths, struct client *client, size_t max)
{
	memset(paths, 0, sizeof(*paths));
	paths->of = calloc(max, sizeof(*paths->of));
	if (!paths->of)
		err(1, "no memory");
	paths->max = max;
	client->take_path = take_path;
	client->take_arg = paths;
}

void paths_end(struct paths *paths, struct client *client)
{
	client->take_path = NULL;
	while (paths->nr)
		path_free(&paths->of[--paths->nr]);
	free(paths->of);
	paths->of = NULL;
}

bool paths_await(struct paths *paths, struct client *client, __u64 nr)
{
	__u64 until = now_ms() + PATIENCE;

	while (paths->whole < nr && now_ms() < until)
		client_take(client, until - now_ms());
	return paths->whole >= nr;
}

bool paths_await_gone(struct paths *paths, struct client *client, unsigned int nr)
{
	__u64 until = now_ms() + PATIENCE;

	while (paths->nr_gone < nr && now_ms() < until)
		client_take(client, until - now_ms());
	return paths->nr_gone >= nr;
}

__u64 step_u64(const __u32 words[2])
{
	return words[0] | (__u64)words[1] << 32;
}

__u64 step_reg(const struct step *step)
{
	return step->len == 8 ? step_u64((const __u32 *)step->data) : 0;
}

const char *path_text(const struct path *path)
{
	static char text[8192];
	size_t len = 0;
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < path->nr_steps && len < sizeof(text) - 64; i++) {
		const struct step *step = &path->steps[i];
		char letter = step->kind < 6 ? "EBXVDL"[step->kind] : '?';

		len += snprintf(text + len, sizeof(text) - len, "%s%c", i ? " " : "", letter);
		if (step->point != 0xffff)
			len += snprintf(text + len, sizeof(text) - len, "%u", step->point);
	}
	return text;
}

unsigned int path_count(const struct path *path, __u8 kind)
{
	unsigned int nr = 0, i;

	for (i = 0; i < path->nr_steps; i++)
		nr += path->steps[i].kind == kind;
	return nr;
}

const struct step *path_find(const struct path *path, __u8 kind, unsigned int nth)
{
	unsigned int i;

	for (i = 0; i < path->nr_steps; i++)
		if (path->steps[i].kind == kind && !nth--)
			return &path->steps[i];
	return NULL;
}
