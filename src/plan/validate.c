/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Third pass: judgement, on a const plan.  It starts where shape ends: what refers
 * to what, what adds up, what makes sense together.  This file has what all parts
 * need, the study and the images; the other parts have a file each.
 */
#include "validate_priv.h"

#include <stddef.h>
#include <string.h>

static const char *id_at(const struct rs_ids *ids, size_t i)
{
	const char *id;

	memcpy(&id, (const char *)ids->base + i * ids->size + ids->id, sizeof(id));
	return id;
}

static int number_at(const struct rs_ids *ids, size_t i)
{
	int number;

	memcpy(&number, (const char *)ids->base + i * ids->size + ids->line, sizeof(number));
	return number;
}

void rs_check_unique(struct rs_reader *r, const struct rs_ids *ids, const char *attribute)
{
	for (size_t i = 1; i < ids->n; i++) {
		const char *id = id_at(ids, i);
		char place[RS_PLACE];

		for (size_t k = 0; id != NULL && k < i; k++) {
			if (id_at(ids, k) == NULL || strcmp(id_at(ids, k), id) != 0)
				continue;
			if (strcmp(attribute, "id") == 0 || strcmp(attribute, "name") == 0)
				rs_complain(r, number_at(ids, i), attribute,
					    "there is a %s of this name in %s already; rename one",
					    ids->what, rs_place_of(r, number_at(ids, k), place));
			else
				rs_complain(r, number_at(ids, i), attribute,
					    "stands in %s already; keep one",
					    rs_place_of(r, number_at(ids, k), place));
			break;
		}
	}
}

int rs_check_known(struct rs_reader *r, int number, const char *attribute, const char *name,
		   const struct rs_ids *ids)
{
	struct rs_guess guess = { .word = name };
	char more[120];

	if (name == NULL)
		return 0;
	for (size_t i = 0; i < ids->n; i++) {
		if (id_at(ids, i) != NULL && strcmp(id_at(ids, i), name) == 0)
			return 1;
	}
	for (size_t i = 0; i < ids->n && !rs_reader_is_full(r); i++)
		rs_guess_try(&guess, id_at(ids, i));
	if (ids->n == 0)
		rs_complain(r, number, attribute, "there is no %s \"%s\"; the plan has none", ids->what,
			    name);
	else
		rs_complain(r, number, attribute, "there is no %s \"%s\"%s", ids->what, name,
			    guess.best != NULL ? rs_guess_text(&guess, more, sizeof(more)) :
						 "; define it or correct the name");
	return 0;
}

void rs_check_names(struct rs_reader *r, int number, const char *attribute, char *const *names,
		    size_t n, const struct rs_ids *ids)
{
	for (size_t i = 0; i < n && !rs_reader_is_full(r); i++) {
		if (!rs_check_known(r, number, attribute, names[i], ids))
			continue;
		for (size_t k = 0; k < i; k++) {
			if (strcmp(names[k], names[i]) == 0) {
				rs_complain(r, number, attribute, "\"%s\" is named twice; keep one",
					    names[i]);
				break;
			}
		}
	}
}

void rs_check_unused(struct rs_reader *r, int number, const char *attribute, const char *why)
{
	if (rs_has_attribute(r, number, attribute))
		rs_complain(r, number, attribute, "has no effect %s; remove it", why);
}

/* The languages the report speaks. */
static void check_language(struct rs_reader *r, const struct rs_plan *plan)
{
	if (plan->language != NULL && strcmp(plan->language, "en") != 0 &&
	    strcmp(plan->language, "de") != 0)
		rs_complain(r, rs_child_number(r, 1, "study"), "language", "must be en or de");
}

static void validate_study(struct rs_reader *r, const struct rs_plan *plan)
{
	const struct rs_ids profiles = RS_IDS("profile", plan->profiles, plan->n_profiles,
					      struct rs_profile, id);
	const struct rs_ids benchmarks = RS_IDS("benchmark", plan->benchmarks, plan->n_benchmarks,
						struct rs_benchmark, id);

	check_language(r, plan);
	rs_check_unique(r, &profiles, "id");
	for (size_t i = 0; i < plan->n_profiles; i++) {
		const struct rs_profile *p = &plan->profiles[i];
		const struct rs_ids uses = RS_IDS("<use> of this benchmark", p->uses,
						  p->n_uses, struct rs_use, benchmark);

		for (size_t k = 0; k < p->n_uses; k++)
			(void)rs_check_known(r, p->uses[k].line, "benchmark", p->uses[k].benchmark,
					     &benchmarks);
		rs_check_unique(r, &uses, "benchmark");
	}
}

/* Whether following substitutes from image i comes back to it. */
static int substitutes_itself(const struct rs_plan *plan, const struct rs_image *image)
{
	const struct rs_image *m = image;

	for (size_t steps = 0; steps <= plan->n_images && m != NULL; steps++) {
		if (m->substitute == NULL)
			return 0;
		m = rs_plan_image(plan, m->substitute);
		if (m == image)
			return 1;
	}
	return 0;
}

static void validate_image(struct rs_reader *r, const struct rs_plan *plan,
			   const struct rs_image *m)
{
	const struct rs_ids images = RS_IDS("image", plan->images, plan->n_images, struct rs_image, id);
	int inner = rs_child_number(r, m->line, "substitute");

	if (m->builder == RS_BUILDER_ARCHIVE && m->url == NULL && !rs_has_attribute(r, m->line, "url"))
		rs_complain(r, m->line, "builder",
			    "an archive is downloaded; write its url (and its sha256)");
	if (m->builder == RS_BUILDER_ARCHIVE && m->n_packages > 0)
		rs_complain(r, rs_child_number(r, m->line, "packages"), NULL,
			    "an archive is taken as it is; remove the packages or choose another "
			    "builder");
	if (m->builder != RS_BUILDER_ARCHIVE)
		rs_check_unused(r, m->line, "sha256", "without builder=\"archive\"");
	if (m->substitute != NULL && rs_check_known(r, inner, "image", m->substitute, &images) &&
	    substitutes_itself(plan, m))
		rs_complain(r, inner, "image", "the substitutes go round in a circle; name an image "
			    "that can be built");
}

static void validate_images(struct rs_reader *r, const struct rs_plan *plan)
{
	const struct rs_ids images = RS_IDS("image", plan->images, plan->n_images, struct rs_image, id);

	rs_check_unique(r, &images, "id");
	for (size_t i = 0; i < plan->n_images; i++)
		validate_image(r, plan, &plan->images[i]);
}

void rs_plan_validate(struct rs_reader *r, const struct rs_plan *plan)
{
	validate_study(r, plan);
	if (plan->has_hardware)
		rs_validate_hardware(r, plan);
	validate_images(r, plan);
	rs_validate_systems(r, plan);
	rs_validate_benchmarks(r, plan);
	rs_validate_exhibits(r, plan);
}
