/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What cannot be right in the listings as the paper prints them: keys that their program
 * does not know, comments that contradict their values, devices that the guest has not,
 * values that are not the plan's.  They are told, never mended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "restudy/base/mem.h"
#include "restudy/base/text.h"
#include "restudy/report.h"

struct printed_audit {
	const struct rs_exhibit *e;
	const struct rs_system *sys;	/* or NULL */
	struct rs_misprint *found;	/* owned until rs_report_misprints gives them away */
	size_t n;
	struct rs_err *err;
	int failed;			/* memory was refused; err has it */
};

static void wrong(struct printed_audit *a, const struct rs_setting_kv *kv, const char *why)
{
	struct rs_misprint *to = a->failed ? NULL : rs_array_grow(&a->found, a->n, sizeof(*to), a->err);

	if (to == NULL) {
		a->failed = 1;
		return;
	}
	*to = (struct rs_misprint){ .listing = a->e, .line = kv };
	(void)snprintf(to->why, sizeof(to->why), "%s", why);
	a->n++;
}

/* "...: off" above a 1, "...: on" above a 0. */
static void check_comment(struct printed_audit *a, const struct rs_setting_kv *kv)
{
	const char *c = kv->comment != NULL ? kv->comment : "";

	if (rs_text_ends_with(c, ": off") && strcmp(kv->value, "1") == 0)
		wrong(a, kv, "its comment says that it is switched off, its value 1 switches it on");
	else if (rs_text_ends_with(c, ": on") && strcmp(kv->value, "0") == 0)
		wrong(a, kv, "its comment says that it is switched on, its value 0 switches it off");
}

/* The setting of the plan that a key means: letters and digits alone count. */
static int same_letters(const char *a, const char *b)
{
	static const char skipped[] = "_- ";

	for (;; a++, b++) {
		a += strspn(a, skipped);
		b += strspn(b, skipped);
		if (strncasecmp(a, b, 1) != 0)
			return 0;
		if (*a == '\0')
			return 1;
	}
}

static void check_pairs(struct printed_audit *a, const struct rs_setting_kv *kv,
			const struct rs_setting_kv *plan, size_t n)
{
	RS_AUTO_STR *why = NULL;

	check_comment(a, kv);
	for (size_t i = 0; i < n; i++) {
		if (!same_letters(plan[i].key, kv->key))
			continue;
		if (strcmp(plan[i].key, kv->key) != 0)
			why = rs_asprintf(NULL, "there is no such key; \"%s\" must be meant", plan[i].key);
		else if (strcmp(plan[i].value, kv->value) != 0)
			why = rs_asprintf(NULL, "printed as \"%s\"; the plan has \"%s\"", kv->value, plan[i].value);
		if (why != NULL)
			wrong(a, kv, why);
		return;
	}
	wrong(a, kv, "the plan has no such setting");
}

/* Variables of an xm configuration (xen/xm/create.py of Xen 3.0) that a listing may have. */
static const char *const xm_keys[] = {
	"bootloader", "builder", "cpu", "cpu_weight", "dhcp", "disk", "extra", "gateway", "hostname",
	"interface", "ip", "kernel", "maxmem", "memory", "name", "netmask", "nfs_root", "nfs_server",
	"nics", "on_crash", "on_poweroff", "on_reboot", "pci", "ramdisk", "restart", "root", "vcpus",
	"vif",
};

static void check_xm_key(struct printed_audit *a, const struct rs_setting_kv *kv)
{
	RS_AUTO_STR *why = NULL;

	for (size_t i = 0; i < RS_COUNT(xm_keys); i++) {
		if (strcmp(xm_keys[i], kv->key) == 0)
			return;
		if (strcasecmp(xm_keys[i], kv->key) == 0)
			why = rs_asprintf(NULL, "there is no such key; \"%s\" must be meant: letters count in a "
					  "configuration that is a Python program", xm_keys[i]);
	}
	if (why == NULL && (strstr(kv->value, "mac=") != NULL || strstr(kv->value, "bridge=") != NULL))
		why = rs_asprintf(NULL, "mac and bridge stand under the wrong key; a network card is \"vif\"%s",
				  strcmp(kv->key, "if") == 0 ? ", and \"if\" is a word of Python" : "");
	wrong(a, kv, why != NULL ? why : "there is no such key");
}

static const struct rs_guest_disk *disk_of(const struct rs_system *sys, const char *device)
{
	for (size_t i = 0; sys != NULL && i < sys->guests.n_disks; i++)
		if (sys->guests.disks[i].device != NULL && strcmp(sys->guests.disks[i].device, device) == 0)
			return &sys->guests.disks[i];
	return NULL;
}

/* "'phy:VOLUME, DEVICE, MODE', ...": the devices must be the guest's. */
static void check_xm_disk(struct printed_audit *a, const struct rs_setting_kv *kv)
{
	int blanks = 0;

	for (const char *p = kv->value; (p = strstr(p, "phy:")) != NULL; p++) {
		const char *device = strchr(p, ',');
		RS_AUTO_STR *name = NULL, *why = NULL;

		if (device == NULL)
			break;
		device++;
		blanks |= *device == ' ';
		device += strspn(device, " ");
		name = rs_strndup(device, strcspn(device, ", '"), NULL);
		if (name == NULL || disk_of(a->sys, name) != NULL)
			continue;
		why = rs_asprintf(NULL, "the guest has no disk \"%s\" in the plan", name);
		wrong(a, kv, why != NULL ? why : "a disk that the guest has not");
	}
	if (blanks)
		wrong(a, kv, "blanks after the commas become part of the device's name");
}

static void check_xm(struct printed_audit *a, const struct rs_setting_kv *kv)
{
	check_xm_key(a, kv);
	if (strcmp(kv->key, "disk") == 0)
		check_xm_disk(a, kv);
}

static size_t count_fields(const char *text)
{
	size_t n = 0;

	for (const char *p = text + strspn(text, " \t"); *p != '\0'; n++) {
		p += strcspn(p, " \t");
		p += strspn(p, " \t");
	}
	return n;
}

static void check_fstab(struct printed_audit *a, const struct rs_setting_kv *kv)
{
	RS_AUTO_STR *why = NULL;
	int is_swap = strstr(kv->value, " swap ") != NULL;

	if (count_fields(kv->value) != 5)
		wrong(a, kv, "a line of fstab has six fields: a blank is missing, or one is too many");
	if (strncmp(kv->key, "/dev/", 5) != 0 || disk_of(a->sys, kv->key + 5) != NULL)
		return;
	for (size_t i = 0; a->sys != NULL && i < a->sys->guests.n_disks; i++) {
		const struct rs_guest_disk *d = &a->sys->guests.disks[i];

		if (is_swap == (strcmp(d->filesystem, "swap") == 0) && d->device != NULL && why == NULL)
			why = rs_asprintf(NULL, "the guest has no such disk; its %s is \"/dev/%s\"",
					  is_swap ? "swap" : "file system", d->device);
	}
	wrong(a, kv, why != NULL ? why : "the guest has no such disk");
}

static void check_line(struct printed_audit *a, const struct rs_setting_kv *kv)
{
	const char *listing = a->e->listing != NULL ? a->e->listing : "";

	if (strcmp(listing, "fstab") == 0)
		check_fstab(a, kv);
	else if (strcmp(listing, "xen-guest") == 0)
		check_xm(a, kv);
	else if (a->sys != NULL && strcmp(listing, "sysctl") == 0)
		check_pairs(a, kv, a->sys->sysctls, a->sys->n_sysctls);
	else if (a->sys != NULL)
		check_pairs(a, kv, a->sys->settings, a->sys->n_settings);
}

int rs_report_misprints(const struct rs_plan *plan, struct rs_misprint **ret, size_t *ret_n,
			struct rs_err *err)
{
	struct printed_audit a = { .err = err };

	for (size_t i = 0; i < plan->n_exhibits; i++) {
		a.e = &plan->exhibits[i];
		a.sys = a.e->system != NULL ? rs_plan_system(plan, a.e->system) : NULL;
		for (size_t k = 0; k < a.e->n_printed; k++)
			check_line(&a, &a.e->printed[k]);
	}
	if (a.failed) {
		free(a.found);
		return -1;
	}
	*ret = a.found;
	*ret_n = a.n;
	return 0;
}

int rs_report_audit_listings(const struct rs_plan *plan, struct rs_buf *out, size_t *ret_bad,
			     struct rs_err *err)
{
	struct rs_misprint *found = NULL;
	size_t n = 0, at = 0;

	*ret_bad = 0;
	if (rs_report_misprints(plan, &found, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->n_exhibits; i++) {
		const struct rs_exhibit *e = &plan->exhibits[i];
		size_t bad = 0;

		if (e->n_printed == 0)
			continue;
		rs_buf_addf(out, "%s as printed (listing %s, line %d)\n", e->id, e->number, e->line);
		for (; at < n && found[at].listing == e; at++, bad++)
			rs_buf_addf(out, "  %s: %s\n", found[at].line->key, found[at].why);
		rs_buf_addf(out, "  %zu mistake%s in %zu lines\n", bad, bad == 1 ? "" : "s", e->n_printed);
	}
	*ret_bad = n;
	free(found);
	return rs_buf_check(out, err);
}
