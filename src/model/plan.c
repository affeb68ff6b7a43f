/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan's structs: release and look-up.  Filling them is module plan's. */
#include "restudy/model/plan.h"

#include <stdlib.h>
#include <string.h>

static void free_strings(char **s, size_t n)
{
	for (size_t i = 0; s != NULL && i < n; i++)
		free(s[i]);
	free(s);
}

static void free_kvs(struct rs_setting_kv *kv, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(kv[i].key);
		free(kv[i].value);
		free(kv[i].comment);
	}
	free(kv);
}

static void free_profiles(struct rs_profile *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < p[i].n_uses; j++)
			free(p[i].uses[j].benchmark);
		free(p[i].uses);
		free(p[i].id);
		free(p[i].title);
	}
	free(p);
}

static void free_groups(struct rs_volume_group *g, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < g[i].n_volumes; j++) {
			free(g[i].volumes[j].name);
			free(g[i].volumes[j].filesystem);
			free(g[i].volumes[j].mount);
		}
		free(g[i].volumes);
		free(g[i].name);
		free(g[i].on);
	}
	free(g);
}

static void release_hardware(struct rs_hardware *h)
{
	free(h->title);
	free(h->cpu_model);
	free(h->memory_kind);
	for (size_t i = 0; i < h->n_disks; i++) {
		free(h->disks[i].name);
		free(h->disks[i].bus);
	}
	free(h->disks);
	for (size_t i = 0; i < h->n_raids; i++) {
		free(h->raids[i].name);
		free_strings(h->raids[i].members, h->raids[i].n_members);
	}
	free(h->raids);
	free_groups(h->groups, h->n_groups);
	for (size_t i = 0; i < h->n_nics; i++) {
		free(h->nics[i].name);
		free(h->nics[i].title);
	}
	free(h->nics);
}

static void free_images(struct rs_image *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(m[i].id);
		free(m[i].title);
		free(m[i].distribution);
		free(m[i].release);
		free(m[i].architecture);
		free(m[i].url);
		free(m[i].sha256);
		free_strings(m[i].packages, m[i].n_packages);
		free(m[i].substitute);
		free(m[i].substitute_reason);
	}
	free(m);
}

static void release_guests(struct rs_guests *g)
{
	free(g->counts);
	free_strings(g->names, g->n_names);
	for (size_t i = 0; i < g->n_disks; i++) {
		free(g->disks[i].volume);
		free(g->disks[i].group);
		free(g->disks[i].filesystem);
		free(g->disks[i].device);
		free(g->disks[i].mount);
	}
	free(g->disks);
	free(g->bridge);
	free(g->address);
	free(g->netmask);
	free(g->gateway);
	free(g->mac);
	free_kvs(g->limits, g->n_limits);
}

static void free_systems(struct rs_system *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(s[i].id);
		free(s[i].title);
		free(s[i].image);
		release_guests(&s[i].guests);
		free_strings(s[i].packages, s[i].n_packages);
		free_kvs(s[i].sysctls, s[i].n_sysctls);
		free_kvs(s[i].settings, s[i].n_settings);
		free(s[i].substitute_reason);
	}
	free(s);
}

static void free_benchmarks(struct rs_benchmark *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(b[i].id);
		free(b[i].title);
		free(b[i].version);
		free(b[i].source);
		free(b[i].sha256);
		free_strings(b[i].tests, b[i].n_tests);
		free_strings(b[i].arguments, b[i].n_arguments);
		free(b[i].path);
		free_strings(b[i].systems, b[i].n_systems);
		for (size_t j = 0; j < b[i].n_metrics; j++) {
			free(b[i].metrics[j].id);
			free(b[i].metrics[j].title);
			free(b[i].metrics[j].unit);
			free(b[i].metrics[j].expression);
		}
		free(b[i].metrics);
	}
	free(b);
}

static void free_exhibits(struct rs_exhibit *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(e[i].id);
		free(e[i].number);
		free(e[i].caption);
		free(e[i].appearance.font);
		free(e[i].listing);
		free_kvs(e[i].printed, e[i].n_printed);
		free(e[i].system);
		free(e[i].benchmark);
		free_strings(e[i].systems, e[i].n_systems);
		for (size_t j = 0; j < e[i].n_rows; j++) {
			free(e[i].rows[j].metric);
			free(e[i].rows[j].label);
			free(e[i].rows[j].unit);
		}
		free(e[i].rows);
		free(e[i].published);
	}
	free(e);
}

static void free_published(struct rs_published *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(p[i].id);
		free(p[i].source);
		free(p[i].benchmark);
		for (size_t j = 0; j < p[i].n_values; j++) {
			free(p[i].values[j].system);
			free(p[i].values[j].metric);
			free(p[i].values[j].text);
		}
		free(p[i].values);
		for (size_t j = 0; j < p[i].n_ratios; j++) {
			free(p[i].ratios[j].system);
			free(p[i].ratios[j].versus);
			free(p[i].ratios[j].metric);
			free(p[i].ratios[j].text);
		}
		free(p[i].ratios);
	}
	free(p);
}

static void free_claims(struct rs_claim *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(c[i].id);
		free(c[i].source);
		free(c[i].text);
		free(c[i].benchmark);
		free(c[i].metric);
		free(c[i].system);
		free(c[i].versus);
	}
	free(c);
}

void rs_plan_free(struct rs_plan *p)
{
	if (p == NULL)
		return;
	free(p->file);
	free(p->id);
	free(p->title);
	free(p->language);
	free(p->citation.author);
	free(p->citation.title);
	free(p->citation.kind);
	free(p->citation.institution);
	free(p->citation.url);
	free(p->appearance.font);
	free_profiles(p->profiles, p->n_profiles);
	release_hardware(&p->hardware);
	free_images(p->images, p->n_images);
	free_systems(p->systems, p->n_systems);
	free_benchmarks(p->benchmarks, p->n_benchmarks);
	free_exhibits(p->exhibits, p->n_exhibits);
	free_published(p->published, p->n_published);
	free_claims(p->claims, p->n_claims);
	free(p);
}

void rs_plan_freep(struct rs_plan **plan)
{
	rs_plan_free(*plan);
	*plan = NULL;
}

/* id may be NULL: then nothing is found. */
#define FIND(array, n, wanted)                                               \
	for (size_t i = 0; (wanted) != NULL && i < (n); i++)                 \
		if ((array)[i].id != NULL && strcmp((array)[i].id, (wanted)) == 0) \
			return &(array)[i];                                  \
	return NULL

const struct rs_profile *rs_plan_profile(const struct rs_plan *p, const char *id)
{
	FIND(p->profiles, p->n_profiles, id);
}

const struct rs_image *rs_plan_image(const struct rs_plan *p, const char *id)
{
	FIND(p->images, p->n_images, id);
}

const struct rs_system *rs_plan_system(const struct rs_plan *p, const char *id)
{
	FIND(p->systems, p->n_systems, id);
}

const struct rs_system *rs_plan_baseline(const struct rs_plan *p)
{
	for (size_t i = 0; i < p->n_systems; i++)
		if (p->systems[i].is_baseline)
			return &p->systems[i];
	return NULL;
}

const struct rs_benchmark *rs_plan_benchmark(const struct rs_plan *p, const char *id)
{
	FIND(p->benchmarks, p->n_benchmarks, id);
}

const struct rs_exhibit *rs_plan_exhibit(const struct rs_plan *p, const char *id)
{
	FIND(p->exhibits, p->n_exhibits, id);
}

const struct rs_published *rs_plan_published(const struct rs_plan *p, const char *id)
{
	FIND(p->published, p->n_published, id);
}

const struct rs_use *rs_plan_use(const struct rs_benchmark *b, const struct rs_profile *profile)
{
	for (size_t i = 0; profile != NULL && i < profile->n_uses; i++)
		if (strcmp(profile->uses[i].benchmark, b->id) == 0)
			return &profile->uses[i];
	return NULL;
}

double rs_plan_duration_s(const struct rs_benchmark *b, const struct rs_profile *profile)
{
	const struct rs_use *u = rs_plan_use(b, profile);

	return u != NULL && u->duration_s >= 0 ? u->duration_s : b->duration_s;
}

int rs_plan_trials(const struct rs_benchmark *b, const struct rs_profile *profile)
{
	const struct rs_use *u = rs_plan_use(b, profile);

	return u != NULL && u->trials >= 0 ? u->trials : b->trials;
}

int rs_plan_warmup(const struct rs_benchmark *b, const struct rs_profile *profile)
{
	const struct rs_use *u = rs_plan_use(b, profile);

	return u != NULL && u->warmup >= 0 ? u->warmup : b->warmup;
}

int rs_plan_concurrency(const struct rs_benchmark *b)
{
	const int is_web = b->adapter == RS_ADAPTER_SIEGE || b->adapter == RS_ADAPTER_HTTPLOAD;

	if (b->concurrency > 0)
		return b->concurrency;
	return is_web ? 15 : 1;
}

int rs_plan_runs_on(const struct rs_benchmark *b, const char *system)
{
	for (size_t i = 0; i < b->n_systems; i++)
		if (strcmp(b->systems[i], system) == 0)
			return 1;
	return b->n_systems == 0;
}
