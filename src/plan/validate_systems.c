/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judgement of <system>: platform, guests, their disks, memory and network. */
#include "validate_priv.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"

static int has_guests(enum rs_platform_kind platform)
{
	return platform != RS_PLATFORM_HOST;
}

static void check_platform(struct rs_reader *r, const struct rs_system *s)
{
	const int inner = rs_child_number(r, s->line, "substitute");

	if (!has_guests(s->platform) && s->guests.n_counts > 0)
		rs_complain(r, s->guests.line, NULL,
			    "the platform host is the machine itself and has no guests; remove them "
			    "or choose another platform");
	if (has_guests(s->platform) && s->guests.line == 0)
		rs_complain(r, s->line, "platform", "the platform %s needs <guests>; write how many",
			    rs_platform_name(s->platform));
	if (s->has_substitute && s->substitute == s->platform)
		rs_complain(r, inner, "platform", "the platform cannot stand in for itself; name "
			    "another one");
	else if (s->has_substitute && has_guests(s->substitute) != has_guests(s->platform))
		rs_complain(r, inner, "platform", "one of the two has guests and the other has none; "
			    "name another one");
	if (s->boot != rs_platform_boot(s->platform) &&
	    !(s->has_substitute && s->boot == rs_platform_boot(s->substitute)))
		rs_complain(r, s->line, "boot", "the platform %s needs boot=\"%s\"",
			    rs_platform_name(s->platform), rs_boot_name(rs_platform_boot(s->platform)));
}

static void check_pairs(struct rs_reader *r, const char *what, const struct rs_setting_kv *kv, size_t n)
{
	const struct rs_ids ids = RS_IDS(what, kv, n, struct rs_setting_kv, key);

	rs_check_unique(r, &ids, "key");
}

/* ---- guests ---- */

static void check_guest_names(struct rs_reader *r, const struct rs_system *s)
{
	const struct rs_guests *g = &s->guests;
	const int most = rs_largest_count(g);

	if (g->n_names < (size_t)most)
		rs_complain(r, g->line, "names", "names %zu guests, but count asks for %d; name them all",
			    g->n_names, most);
	for (size_t i = 0; i < g->n_names; i++) {
		/* vzctl(8): identifiers up to 100 are reserved. */
		if (s->platform == RS_PLATFORM_OPENVZ &&
		    (strspn(g->names[i], "0123456789") != strlen(g->names[i]) ||
		     strlen(g->names[i]) < 3 || strcmp(g->names[i], "100") == 0 ||
		     g->names[i][0] == '0'))
			rs_complain(r, g->line, "names",
				    "\"%s\": OpenVZ names its guests by numbers from 101; use one",
				    g->names[i]);
		for (size_t k = 0; k < i; k++) {
			if (strcmp(g->names[k], g->names[i]) == 0) {
				rs_complain(r, g->line, "names", "\"%s\" is named twice; keep one",
					    g->names[i]);
				break;
			}
		}
	}
}

static void check_counts(struct rs_reader *r, const struct rs_guests *g)
{
	for (size_t i = 1; i < g->n_counts; i++) {
		for (size_t k = 0; k < i; k++) {
			if (g->counts[k] == g->counts[i])
				rs_complain(r, g->line, "count", "%d is written twice; keep one",
					    g->counts[i]);
		}
	}
}

static void check_guest_size(struct rs_reader *r, const struct rs_plan *plan,
			     const struct rs_guests *g)
{
	const struct rs_hardware *hw = &plan->hardware;
	const int most = rs_largest_count(g);
	const double need = (double)g->memory_bytes * most;
	char needs[64], has[64];
	const int cpus = hw->sockets * hw->cores_per_socket * hw->threads_per_core;

	if (!plan->has_hardware)
		return;
	if (hw->memory_bytes > 0 && need >= (double)hw->memory_bytes)
		rs_complain(r, g->line, "memory", "%d guests need %s and the machine has %s; give them less",
			    most, rs_format_quantity(needs, sizeof(needs), need, RS_DIM_BYTES),
			    rs_format_quantity(has, sizeof(has), (double)hw->memory_bytes,
					       RS_DIM_BYTES));
	if (cpus > 0 && g->cpus > cpus)
		rs_complain(r, g->line, "cpus", "the machine has %d processors; give a guest fewer", cpus);
}

/* The volume's name is a pattern: "%d" once, or, for one guest, not at all. */
static void check_volume_name(struct rs_reader *r, const struct rs_guest_disk *d, int most)
{
	const char *percent = strchr(d->volume, '%');
	const char *allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-%";

	if (percent != NULL && (percent[1] != 'd' || strchr(percent + 1, '%') != NULL))
		rs_complain(r, d->line, "volume", "may hold %%d once, for the guest's number, and no other %%");
	else if (strspn(d->volume, allowed) != strlen(d->volume) || d->volume[0] == '-' ||
		 strlen(d->volume) > 60)
		rs_complain(r, d->line, "volume", "is not a volume's name; use letters, digits and . _ + - "
			    "(at most 60)");
	else if (percent == NULL && most > 1)
		rs_complain(r, d->line, "volume", "all %d guests would share this volume; put %%d for the "
			    "guest's number into the name", most);
}

/* Whether the volume of one of the guests has this name. */
static int becomes(const char *pattern, int most, const char *name)
{
	const char *number = strstr(pattern, "%d");
	char text[128];

	for (int i = 1; number != NULL && i <= most; i++) {
		(void)snprintf(text, sizeof(text), "%.*s%d%s", (int)(number - pattern), pattern, i,
			       number + 2);
		if (strcmp(text, name) == 0)
			return 1;
	}
	return number == NULL && strcmp(pattern, name) == 0;
}

/* A guest's root would be written over what the machine has on its own volume. */
static void check_own_volumes(struct rs_reader *r, const struct rs_hardware *hw,
			      const struct rs_guest_disk *d, int most)
{
	for (size_t i = 0; i < hw->n_groups; i++) {
		const struct rs_volume_group *g = &hw->groups[i];
		char place[RS_PLACE];

		if (g->name == NULL || d->group == NULL || strcmp(g->name, d->group) != 0)
			continue;
		for (size_t k = 0; k < g->n_volumes && !rs_reader_is_full(r); k++) {
			if (g->volumes[k].name != NULL && becomes(d->volume, most, g->volumes[k].name))
				rs_complain(r, d->line, "volume", "the machine itself has the volume \"%s\" in "
					    "%s; rename one", g->volumes[k].name,
					    rs_place_of(r, g->volumes[k].line, place));
		}
	}
}

static void check_guest_disk(struct rs_reader *r, const struct rs_plan *plan,
			     const struct rs_guests *g, const struct rs_guest_disk *d)
{
	const struct rs_hardware *hw = &plan->hardware;
	const struct rs_ids groups = RS_IDS("volume group", hw->groups, hw->n_groups,
					    struct rs_volume_group, name);

	(void)rs_check_known(r, d->line, "group", d->group, &groups);
	rs_check_filesystem(r, d->line, d->filesystem);
	if (d->volume != NULL) {
		check_volume_name(r, d, rs_largest_count(g));
		check_own_volumes(r, hw, d, rs_largest_count(g));
	}
	if (d->filesystem != NULL && strcmp(d->filesystem, "swap") == 0)
		rs_check_unused(r, d->line, "mount", "on swap");
}

/* A guest that has disks has its root on one of them. */
static void check_root(struct rs_reader *r, const struct rs_guests *g)
{
	size_t roots = 0;

	for (size_t i = 0; i < g->n_disks; i++)
		roots += g->disks[i].mount != NULL && strcmp(g->disks[i].mount, "/") == 0;
	if (g->n_disks > 0 && roots == 0)
		rs_complain(r, g->line, NULL, "none of its disks is mounted at /; write mount=\"/\" at one");
}

/* What the machine's own volumes leave free must hold all guests' volumes. */
static void check_space(struct rs_reader *r, const struct rs_plan *plan, const struct rs_guests *g)
{
	const struct rs_hardware *hw = &plan->hardware;
	const double most = rs_largest_count(g);

	for (size_t i = 0; i < hw->n_groups; i++) {
		const struct rs_volume_group *vg = &hw->groups[i];
		double left = rs_group_bytes(hw, vg), need = 0;
		char needs[64], has[64];

		if (left <= 0 || vg->name == NULL)
			continue;
		for (size_t k = 0; k < vg->n_volumes; k++)
			left -= (double)vg->volumes[k].size_bytes;
		for (size_t k = 0; k < g->n_disks; k++) {
			if (g->disks[k].group != NULL && strcmp(g->disks[k].group, vg->name) == 0)
				need += (double)g->disks[k].size_bytes * most;
		}
		if (left >= 0 && need > left)
			rs_complain(r, g->line, NULL, "the guests' volumes need %s GiB and group \"%s\" has "
				    "%s GiB left; make them smaller",
				    rs_format_fixed(needs, sizeof(needs), need / RS_GIB, 2), vg->name,
				    rs_format_fixed(has, sizeof(has), left / RS_GIB, 2));
	}
}

/* ---- network ---- */

static uint32_t ipv4(const char *text)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		v = v << 8 | (uint32_t)strtoul(text, NULL, 10);
		text += strcspn(text, ".");
		text += *text == '.';
	}
	return v;
}

static void check_addresses(struct rs_reader *r, const struct rs_guests *g, int number)
{
	const uint32_t mask = ipv4(g->netmask), first = ipv4(g->address);
	const uint32_t last = first + (uint32_t)rs_largest_count(g) - 1;
	const uint32_t gateway = g->gateway != NULL ? ipv4(g->gateway) : 0;

	if ((~mask & (~mask + 1)) != 0 || mask == 0) {
		rs_complain(r, number, "netmask", "is not a netmask; write one such as 255.255.255.0");
		return;
	}
	if ((first & ~mask) == 0)
		rs_complain(r, number, "address", "is the network's own address; start with the next");
	else if ((last & mask) != (first & mask) || (last & ~mask) == ~mask || last < first)
		rs_complain(r, number, "address", "the network has no room for %d guests from here; start "
			    "lower or widen the netmask", rs_largest_count(g));
	if (g->gateway == NULL)
		return;
	if ((gateway & mask) != (first & mask))
		rs_complain(r, number, "gateway", "is in another network than the guests; correct one");
	else if (gateway >= first && gateway <= last)
		rs_complain(r, number, "gateway", "is the address of a guest (they count up from \"%s\"); "
			    "change one", g->address);
}

static void check_network(struct rs_reader *r, const struct rs_guests *g)
{
	const int number = rs_child_number(r, g->line, "network");

	if (g->bridge != NULL && strlen(g->bridge) > 15)
		rs_complain(r, number, "bridge", "an interface has at most 15 letters; shorten it");
	if (g->address != NULL && g->netmask == NULL && !rs_has_attribute(r, number, "netmask"))
		rs_complain(r, number, "address", "needs a netmask beside it, such as 255.255.255.0");
	if (g->address == NULL && !rs_has_attribute(r, number, "address") &&
	    (g->netmask != NULL || g->gateway != NULL))
		rs_complain(r, number, NULL, "has a netmask or gateway but no address; write the first "
			    "guest's");
	/* IEEE 802: the lowest bit of the first byte marks a group address. */
	if (g->mac != NULL && strchr("13579bBdDfF", g->mac[1]) != NULL)
		rs_complain(r, number, "mac", "is a multicast address; make the second digit even");
	if (g->address != NULL && g->netmask != NULL && g->n_counts > 0)
		check_addresses(r, g, number);
}

static void validate_guests(struct rs_reader *r, const struct rs_plan *plan,
			    const struct rs_system *s)
{
	const struct rs_guests *g = &s->guests;
	const struct rs_ids disks = RS_IDS("disk", g->disks, g->n_disks, struct rs_guest_disk, volume);
	const struct rs_ids devices = RS_IDS("disk", g->disks, g->n_disks, struct rs_guest_disk, device);
	const struct rs_ids mounts = RS_IDS("disk mounted there", g->disks, g->n_disks,
					    struct rs_guest_disk, mount);

	check_counts(r, g);
	if (g->n_counts > 0)
		check_guest_names(r, s);
	check_guest_size(r, plan, g);
	rs_check_unique(r, &disks, "volume");
	rs_check_unique(r, &devices, "device");
	rs_check_unique(r, &mounts, "mount");
	for (size_t i = 0; i < g->n_disks; i++)
		check_guest_disk(r, plan, g, &g->disks[i]);
	check_root(r, g);
	check_space(r, plan, g);
	check_network(r, g);
	check_pairs(r, "limit", g->limits, g->n_limits);
}

static void validate_system(struct rs_reader *r, const struct rs_plan *plan,
			    const struct rs_system *s)
{
	const struct rs_ids images = RS_IDS("image", plan->images, plan->n_images, struct rs_image, id);

	if (rs_has_attribute(r, s->line, "platform"))
		check_platform(r, s);
	if (s->image != NULL)
		(void)rs_check_known(r, s->line, "image", s->image, &images);
	else if (plan->n_images == 0)
		rs_complain(r, s->line, NULL, "needs an image, and the plan has none; write an <image>");
	else if (!rs_has_attribute(r, s->line, "image"))
		rs_complain(r, s->line, NULL, "needs the attribute \"image\", the id of an <image>");
	check_pairs(r, "kernel parameter", s->sysctls, s->n_sysctls);
	check_pairs(r, "setting", s->settings, s->n_settings);
	if (s->guests.line != 0)
		validate_guests(r, plan, s);
}

void rs_validate_systems(struct rs_reader *r, const struct rs_plan *plan)
{
	const struct rs_ids systems = RS_IDS("system", plan->systems, plan->n_systems,
					     struct rs_system, id);
	const struct rs_system *baseline = NULL;

	rs_check_unique(r, &systems, "id");
	for (size_t i = 0; i < plan->n_systems; i++) {
		const struct rs_system *s = &plan->systems[i];
		char place[RS_PLACE];

		validate_system(r, plan, s);
		if (s->is_baseline && baseline != NULL)
			rs_complain(r, s->line, "baseline", "\"%s\" in %s is the baseline already; "
				    "keep one", baseline->id != NULL ? baseline->id : "",
				    rs_place_of(r, baseline->line, place));
		else if (s->is_baseline)
			baseline = s;
	}
}
