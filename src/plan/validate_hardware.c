/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judgement of <hardware>: what lies on what, and whether it fits. */
#include "validate_priv.h"

#include <stddef.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/number.h"

/* What mkfs can make on the testbed and every platform can mount. */
static const char *const filesystems[] = { "ext2", "ext3", "ext4", "swap", "xfs" };

void rs_check_filesystem(struct rs_reader *r, int number, const char *filesystem)
{
	struct rs_guess guess = { .word = filesystem };
	char more[120];

	if (filesystem == NULL)
		return;
	for (size_t i = 0; i < RS_COUNT(filesystems); i++) {
		if (strcmp(filesystems[i], filesystem) == 0)
			return;
		rs_guess_try(&guess, filesystems[i]);
	}
	rs_complain(r, number, "filesystem", "must be ext2, ext3, ext4, swap or xfs%s",
		    rs_guess_text(&guess, more, sizeof(more)));
}

static const struct rs_disk *disk_of(const struct rs_hardware *hw, const char *name)
{
	for (size_t i = 0; i < hw->n_disks; i++) {
		if (hw->disks[i].name != NULL && strcmp(hw->disks[i].name, name) == 0)
			return &hw->disks[i];
	}
	return NULL;
}

static const struct rs_raid *raid_of(const struct rs_hardware *hw, const char *name)
{
	for (size_t i = 0; i < hw->n_raids; i++) {
		if (hw->raids[i].name != NULL && strcmp(hw->raids[i].name, name) == 0)
			return &hw->raids[i];
	}
	return NULL;
}

/* Level 0 adds its members up, level 1 has the smallest of them. */
static double raid_bytes(const struct rs_hardware *hw, const struct rs_raid *raid)
{
	double sum = 0, least = 0;

	for (size_t i = 0; i < raid->n_members; i++) {
		const struct rs_disk *d = disk_of(hw, raid->members[i]);

		if (d == NULL)
			return 0;
		sum += (double)d->size_bytes;
		if (i == 0 || (double)d->size_bytes < least)
			least = (double)d->size_bytes;
	}
	return raid->level == 0 ? sum : least;
}

double rs_group_bytes(const struct rs_hardware *hw, const struct rs_volume_group *g)
{
	const struct rs_raid *raid = g->on != NULL ? raid_of(hw, g->on) : NULL;
	const struct rs_disk *disk = g->on != NULL ? disk_of(hw, g->on) : NULL;

	if (raid != NULL)
		return raid_bytes(hw, raid);
	return disk != NULL ? (double)disk->size_bytes : 0;
}

/* A name for a message: an element may lack its own. */
static const char *shown(const char *name)
{
	return name != NULL ? name : "";
}

static int is_member(const struct rs_raid *raid, const char *disk)
{
	for (size_t i = 0; i < raid->n_members; i++) {
		if (strcmp(raid->members[i], disk) == 0)
			return 1;
	}
	return 0;
}

static void validate_raid(struct rs_reader *r, const struct rs_hardware *hw, size_t at)
{
	const struct rs_ids disks = RS_IDS("disk", hw->disks, hw->n_disks, struct rs_disk, name);
	const struct rs_raid *raid = &hw->raids[at];

	if (raid->name != NULL && disk_of(hw, raid->name) != NULL)
		rs_complain(r, raid->line, "name", "a disk has this name already; rename the array");
	if (raid->n_members == 1)
		rs_complain(r, raid->line, "members", "an array needs two disks or more; add one");
	rs_check_names(r, raid->line, "members", raid->members, raid->n_members, &disks);
	for (size_t i = 0; i < raid->n_members; i++) {
		for (size_t k = 0; k < at; k++) {
			if (is_member(&hw->raids[k], raid->members[i]))
				rs_complain(r, raid->line, "members",
					    "disk \"%s\" is in array \"%s\" already; use another",
					    raid->members[i], shown(hw->raids[k].name));
		}
	}
}

static void check_fit(struct rs_reader *r, const struct rs_hardware *hw,
		      const struct rs_volume_group *g)
{
	const double all = rs_group_bytes(hw, g);
	char need[64], have[64];
	double sum = 0;

	for (size_t i = 0; i < g->n_volumes; i++)
		sum += (double)g->volumes[i].size_bytes;
	if (all > 0 && sum > all)
		rs_complain(r, g->line, "name", "its volumes need %s GiB and it has %s GiB; make them "
			    "smaller", rs_format_fixed(need, sizeof(need), sum / RS_GIB, 2),
			    rs_format_fixed(have, sizeof(have), all / RS_GIB, 2));
}

static void validate_group(struct rs_reader *r, const struct rs_hardware *hw, size_t at)
{
	const struct rs_volume_group *g = &hw->groups[at];
	const struct rs_ids volumes = RS_IDS("volume", g->volumes, g->n_volumes, struct rs_volume, name);
	const struct rs_ids raids = RS_IDS("disk or array", hw->raids, hw->n_raids, struct rs_raid, name);
	const struct rs_ids disks = RS_IDS("disk or array", hw->disks, hw->n_disks, struct rs_disk, name);

	if (g->on != NULL && disk_of(hw, g->on) == NULL && raid_of(hw, g->on) == NULL)
		(void)rs_check_known(r, g->line, "on", g->on, hw->n_raids > 0 ? &raids : &disks);
	for (size_t k = 0; g->on != NULL && k < hw->n_raids; k++) {
		if (is_member(&hw->raids[k], g->on))
			rs_complain(r, g->line, "on", "disk \"%s\" is part of array \"%s\"; put the group "
				    "on the array", g->on, shown(hw->raids[k].name));
	}
	for (size_t k = 0; g->on != NULL && k < at; k++) {
		if (hw->groups[k].on != NULL && strcmp(hw->groups[k].on, g->on) == 0)
			rs_complain(r, g->line, "on", "group \"%s\" is there already; use another disk "
				    "or array", shown(hw->groups[k].name));
	}
	rs_check_unique(r, &volumes, "name");
	for (size_t i = 0; i < g->n_volumes; i++) {
		const struct rs_volume *v = &g->volumes[i];

		rs_check_filesystem(r, v->line, v->filesystem);
		if (v->mount != NULL && v->filesystem != NULL && strcmp(v->filesystem, "swap") == 0)
			rs_check_unused(r, v->line, "mount", "on swap");
		if (v->mount != NULL && strcmp(v->mount, "/") == 0)
			rs_complain(r, v->line, "mount",
				    "the machine's own root is not made by the plan; mount it elsewhere");
	}
	check_fit(r, hw, g);
}

/* The volume before this one, of any group, that is mounted at the same place; or NULL. */
static const struct rs_volume *mounted_before(const struct rs_hardware *hw, size_t group, size_t volume)
{
	const char *mount = hw->groups[group].volumes[volume].mount;

	for (size_t g = 0; mount != NULL && g <= group; g++) {
		const size_t n = g < group ? hw->groups[g].n_volumes : volume;

		for (size_t i = 0; i < n; i++) {
			const struct rs_volume *v = &hw->groups[g].volumes[i];

			if (v->mount != NULL && strcmp(v->mount, mount) == 0)
				return v;
		}
	}
	return NULL;
}

/* All mounts of the machine as one list: none twice. */
static void check_mounts(struct rs_reader *r, const struct rs_hardware *hw)
{
	for (size_t g = 0; g < hw->n_groups; g++) {
		for (size_t i = 0; i < hw->groups[g].n_volumes && !rs_reader_is_full(r); i++) {
			const struct rs_volume *before = mounted_before(hw, g, i);
			char place[RS_PLACE];

			if (before != NULL)
				rs_complain(r, hw->groups[g].volumes[i].line, "mount",
					    "stands in %s already; keep one",
					    rs_place_of(r, before->line, place));
		}
	}
}

static void check_names(struct rs_reader *r, const struct rs_hardware *hw)
{
	const struct rs_ids lists[] = {
		RS_IDS("disk", hw->disks, hw->n_disks, struct rs_disk, name),
		RS_IDS("RAID array", hw->raids, hw->n_raids, struct rs_raid, name),
		RS_IDS("volume group", hw->groups, hw->n_groups, struct rs_volume_group, name),
		RS_IDS("network card", hw->nics, hw->n_nics, struct rs_nic, name),
	};

	for (size_t i = 0; i < RS_COUNT(lists); i++)
		rs_check_unique(r, &lists[i], "name");
}

static void check_disk(struct rs_reader *r, const struct rs_disk *d)
{
	static const char *const buses[] = { "scsi", "sata", "virtio" };
	struct rs_guess guess = { .word = d->bus };
	char more[120];

	for (size_t i = 0; i < RS_COUNT(buses); i++) {
		if (strcmp(d->bus, buses[i]) == 0)
			return;
		rs_guess_try(&guess, buses[i]);
	}
	rs_complain(r, d->line, "bus", "must be scsi, sata or virtio%s",
		    rs_guess_text(&guess, more, sizeof(more)));
}

void rs_validate_hardware(struct rs_reader *r, const struct rs_plan *plan)
{
	const struct rs_hardware *hw = &plan->hardware;

	check_names(r, hw);
	for (size_t i = 0; i < hw->n_disks; i++)
		check_disk(r, &hw->disks[i]);
	for (size_t i = 0; i < hw->n_raids; i++)
		validate_raid(r, hw, i);
	for (size_t i = 0; i < hw->n_groups; i++)
		validate_group(r, hw, i);
	check_mounts(r, hw);
	for (size_t i = 0; i < hw->n_nics; i++) {
		const struct rs_nic *n = &hw->nics[i];

		if (n->link_bps > n->capacity_bps && n->capacity_bps > 0)
			rs_complain(r, n->line, "link", "the link cannot be faster than the card's "
				    "capacity; lower it");
		if (n->name != NULL && strlen(n->name) > 15)
			rs_complain(r, n->line, "name", "an interface has at most 15 letters; shorten it");
	}
}
