/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of the plan was not there as planned, as facts "deviation.NN" whose text is
 * "what|planned|real|why".  The report makes a table of them.
 */
#include "coordinator_priv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"

struct listing {
	struct rs_coordinator *c;
	const struct rs_env_fact *env;
	size_t n_env;
	const char *boot;	/* the boot whose environment is looked at */
	char *description;	/* the testbed's, or NULL */
	int n;
};

/* A fact of this boot's environment; "not known" when it has none. */
static const char *env_value(const struct listing *l, const char *key)
{
	for (size_t i = 0; i < l->n_env; i++)
		if (strcmp(l->env[i].boot, l->boot) == 0 && strcmp(l->env[i].key, key) == 0)
			return l->env[i].value;
	return "not known";
}

/* The reason comes last and may have any character; elsewhere a bar would be taken for an end. */
static void add_part(struct rs_buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '|')
			rs_buf_adds(b, "\u00a6");
		else
			rs_buf_addc(b, *text);
	}
	rs_buf_addc(b, '|');
}

static int add(struct listing *l, const char *what, const char *planned, const char *real,
	       const char *why, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;
	char key[32];

	add_part(&text, what);
	add_part(&text, planned);
	add_part(&text, real);
	rs_buf_adds(&text, why);
	if (rs_buf_check(&text, err) < 0)
		return -1;
	(void)snprintf(key, sizeof(key), "deviation.%02d", ++l->n);
	return rs_store_set_fact(l->c->store, key, rs_buf_str(&text), err);
}

/* An earlier end of this run may have told of more. */
static int remove_further(struct listing *l, struct rs_err *err)
{
	for (;;) {
		RS_AUTO_STR *text = NULL;
		char key[32];

		(void)snprintf(key, sizeof(key), "deviation.%02d", ++l->n);
		if (rs_store_get_fact(l->c->store, key, &text, err) < 0)
			return -1;
		if (text == NULL)
			return 0;
		if (rs_store_set_fact(l->c->store, key, NULL, err) < 0)
			return -1;
	}
}

static const char *machine(const struct listing *l)
{
	return l->description != NULL ? l->description : l->c->testbed_kind;
}

static int add_processor(struct listing *l, struct rs_err *err)
{
	const struct rs_hardware *hw = &l->c->plan->hardware;
	char planned[200], real[300], clock[40], count[16];
	int cpus = hw->sockets * hw->cores_per_socket *
		   (hw->threads_per_core > 0 ? hw->threads_per_core : 1);

	(void)snprintf(count, sizeof(count), "%d", cpus);
	(void)snprintf(planned, sizeof(planned), "%d × %s, %s", hw->sockets,
		       hw->cpu_model != NULL ? hw->cpu_model : "processor",
		       rs_format_quantity(clock, sizeof(clock), hw->clock_hz, RS_DIM_HERTZ));
	(void)snprintf(real, sizeof(real), "%s × %s", env_value(l, "cpu.count"),
		       env_value(l, "cpu.model"));
	if (hw->cpu_model != NULL && strstr(env_value(l, "cpu.model"), hw->cpu_model) != NULL &&
	    strcmp(env_value(l, "cpu.count"), count) == 0)
		return 0;
	return add(l, "processors", planned, real, machine(l), err);
}

static int add_memory(struct listing *l, struct rs_err *err)
{
	double planned = (double)l->c->plan->hardware.memory_bytes, real = (double)NAN;
	const char *end;
	char p[40], r[40];

	if (rs_scan_double(env_value(l, "memory.total"), &end, &real) < 0)
		real = (double)NAN;
	real *= 1024;
	/* The kernel keeps some of it: up to a tenth less is the planned memory. */
	if (real <= planned && real >= planned * 0.9)
		return 0;
	return add(l, "memory", rs_format_quantity(p, sizeof(p), planned, RS_DIM_BYTES),
		   isnan(real) ? "not known"
			       : rs_format_quantity(r, sizeof(r), floor(real / 1048576) * 1048576,
						    RS_DIM_BYTES),
		   machine(l), err);
}

static int add_disks(struct listing *l, struct rs_err *err)
{
	const struct rs_hardware *hw = &l->c->plan->hardware;
	RS_AUTO_BUF planned = RS_BUF_INIT;
	const char *real = env_value(l, "disks");
	int all_there = 1;

	for (size_t i = 0; i < hw->n_disks; i++) {
		char size[40], disk[120];

		(void)snprintf(disk, sizeof(disk), "%s %s", hw->disks[i].name,
			       rs_format_quantity(size, sizeof(size), (double)hw->disks[i].size_bytes,
						  RS_DIM_BYTES));
		rs_buf_addf(&planned, "%s%s", i > 0 ? ", " : "", disk);
		all_there &= strstr(real, disk) != NULL;
	}
	if (rs_buf_check(&planned, err) < 0)
		return -1;
	return all_there ? 0 : add(l, "disks", rs_buf_str(&planned), real, machine(l), err);
}

static int add_network(struct listing *l, struct rs_err *err)
{
	const struct rs_hardware *hw = &l->c->plan->hardware;
	char speed[40];

	if (hw->n_nics == 0)
		return 0;
	return add(l, "network between load generator and servers",
		   rs_format_quantity(speed, sizeof(speed), hw->nics[0].link_bps, RS_DIM_BITRATE),
		   "memory of the testbed, through its bridge",
		   "the load generator runs on the testbed itself, outside the guests", err);
}

static int add_images(struct listing *l, struct rs_err *err)
{
	const struct rs_plan *plan = l->c->plan;

	for (size_t i = 0; i < plan->n_images; i++) {
		const struct rs_image *m = &plan->images[i];

		if (m->substitute == NULL || strstr(env_value(l, "system.release"), m->distribution) != NULL)
			continue;
		if (add(l, "operating system", m->title != NULL ? m->title : m->id,
			env_value(l, "system.release"),
			m->substitute_reason != NULL ? m->substitute_reason : "the plan's substitute",
			err) < 0)
			return -1;
	}
	return 0;
}

static int add_platforms(struct listing *l, struct rs_err *err)
{
	const struct rs_plan *plan = l->c->plan;

	for (size_t i = 0; i < plan->n_systems; i++) {
		RS_AUTO_STR *key = rs_asprintf(err, "substitute.%s", plan->systems[i].id);
		RS_AUTO_STR *real_key = rs_asprintf(err, "platform.%s", plan->systems[i].id);
		RS_AUTO_STR *why = NULL, *real = NULL;
		RS_AUTO_STR *what = rs_asprintf(err, "platform of %s", plan->systems[i].id);

		if (key == NULL || real_key == NULL || what == NULL ||
		    rs_store_get_fact(l->c->store, key, &why, err) < 0 ||
		    rs_store_get_fact(l->c->store, real_key, &real, err) < 0)
			return -1;
		if (why != NULL && add(l, what, rs_platform_name(plan->systems[i].platform),
				       real != NULL ? real : "none", why, err) < 0)
			return -1;
	}
	return 0;
}

/* What really ran for a benchmark, with its version; NULL with err. */
static char *real_program(const struct listing *l, const struct rs_benchmark *b, struct rs_err *err)
{
	switch (b->adapter) {
	case RS_ADAPTER_KERNELS:
		return rs_asprintf(err, "Restudy's kernels %s", RS_VERSION);
	case RS_ADAPTER_HTTPLOAD:
		return rs_asprintf(err, "Restudy's httpload %s", RS_VERSION);
	case RS_ADAPTER_SIEGE:
		return rs_asprintf(err, "Siege %s", env_value(l, "program.siege"));
	case RS_ADAPTER_UNIXBENCH:
	case RS_ADAPTER_COMMAND:
	case RS_ADAPTER_LAST:
		break;
	}
	return rs_strdup("", err);	/* its raw output tells */
}

static const char *why_program(const struct rs_benchmark *b)
{
	return b->adapter == RS_ADAPTER_KERNELS
		? "written from the definitions of the program's tests; Dhrystone and Whetstone "
		  "are Dhrystone-like and Whetstone-like"
		: "the image has this version; its options and units are those of the plan's";
}

/* The fact "program.<benchmark>", and a deviation where the plan names another version. */
static int add_benchmark(struct listing *l, const struct rs_benchmark *b, struct rs_err *err)
{
	RS_AUTO_STR *real = real_program(l, b, err);
	RS_AUTO_STR *key = rs_asprintf(err, "program.%s", b->id);
	RS_AUTO_STR *planned = rs_asprintf(err, "%s %s", b->title != NULL ? b->title : b->id,
					   b->version != NULL ? b->version : "-");

	if (real == NULL || key == NULL || planned == NULL)
		return -1;
	if (real[0] == '\0')
		return 0;
	if (rs_store_set_fact(l->c->store, key, real, err) < 0)
		return -1;
	if (b->version == NULL || (b->adapter != RS_ADAPTER_KERNELS && strstr(real, b->version) != NULL))
		return 0;
	return add(l, "benchmark program", planned, real, why_program(b), err);
}

static int add_benchmarks(struct listing *l, struct rs_err *err)
{
	const struct rs_plan *plan = l->c->plan;

	for (size_t i = 0; i < plan->n_benchmarks; i++)
		if (add_benchmark(l, &plan->benchmarks[i], err) < 0)
			return -1;
	return 0;
}

static int add_row(void *user, const char *what, const char *planned, const char *real,
		   const char *why, struct rs_err *err)
{
	return add(user, what, planned, real, why, err);
}

static int add_all(struct listing *l, struct rs_err *err)
{
	if (l->c->plan->has_hardware && l->n_env > 0 &&
	    (add_processor(l, err) < 0 || add_memory(l, err) < 0 || add_disks(l, err) < 0 ||
	     add_network(l, err) < 0))
		return -1;
	if (add_images(l, err) < 0 || add_platforms(l, err) < 0 ||
	    rs_coordinator_package_rows(l->c, l->boot, add_row, l, err) < 0)
		return -1;
	return add_benchmarks(l, err);
}

int rs_coordinator_deviations(struct rs_coordinator *c, struct rs_err *err)
{
	struct rs_env_fact *env = NULL;
	struct listing l = { .c = c };
	int rc;

	if (rs_store_env(c->store, &env, &l.n_env, err) < 0)
		return -1;
	l.env = env;
	l.boot = l.n_env > 0 ? env[0].boot : rs_boot_name(RS_BOOT_PLAIN);
	rc = rs_store_get_fact(c->store, "testbed.description", &l.description, err);
	if (rc == 0)
		rc = add_all(&l, err);
	if (rc == 0)
		rc = remove_further(&l, err);
	free(l.description);
	rs_env_facts_free(env, l.n_env);
	return rc;
}
