/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command vzctl: how it is called, what its exit statuses mean, where its files are. */
#ifndef RESTUDY_PLATFORM_VZCTL_PRIV_H
#define RESTUDY_PLATFORM_VZCTL_PRIV_H

#include "platform_priv.h"

/* What one container is to be.  All borrowed. */
struct rs_vz_config {
	const char *id;			/* "101" */
	const char *address;
	const char *ostemplate, *sample;	/* or NULL: vzctl's own */
	int64_t memory_bytes;		/* 0: the sample's */
	double cpus;			/* 0: not limited */
	const struct rs_setting_kv *limits;
	size_t n_limits;
	int upstream;			/* the kernel is not OpenVZ's */
	int version;			/* vzctl's first number: 3, 4; 7 or more is Virtuozzo's */
};

/* A container of a system, all but what only a run knows. */
struct rs_vz_config rs_vz_config_of(const struct rs_system *sys, const char *id, const char *address,
				    int upstream, int version);
/* What vzctl adds to the sample in the container's configuration file. */
void rs_vz_conf(const struct rs_vz_config *c, struct rs_buf *out);

/* Argument vectors of the steps of a container's life, NULL-ended; rs_free_argv releases. */
char **rs_vz_create(const struct rs_vz_config *c, struct rs_err *err) RS_MUST_CHECK;
char **rs_vz_set(const struct rs_vz_config *c, struct rs_err *err) RS_MUST_CHECK;
char **rs_vz_simple(const char *verb, const char *id, const char *option, struct rs_err *err)
	RS_MUST_CHECK;

/* What a version of vzctl means by an exit status; NULL when it has no text here. */
const char *rs_vz_status_text(int status, int version);
/* "vzctl version 4.11.1": its first number; 4 where it does not say. */
int rs_vz_version_parse(const char *text);
int rs_vz_version(void);

/*
 * Runs vzctl; any status but 0 is an error that has the status's text and the last line
 * of what vzctl said.  out may be NULL.
 */
int rs_vz_run(char *const *argv, double timeout_s, struct rs_buf *out, struct rs_err *err)
	RS_MUST_CHECK;

/* "CTID 101 exist mounted running", read by words. */
struct rs_vz_state {
	int exists, mounted, running;
};
int rs_vz_state_parse(const char *line, struct rs_vz_state *ret);
int rs_vz_state(const char *id, struct rs_vz_state *ret, struct rs_err *err) RS_MUST_CHECK;

/* A value of the global configuration with $VEID replaced by id, or fallback so. */
char *rs_vz_path(const char *key, const char *fallback, const char *id, struct rs_err *err)
	RS_MUST_CHECK;
/* Folder of the containers' configuration files. */
const char *rs_vz_config_folder(void);
/* The kernel has no /proc/vz. */
int rs_vz_is_upstream(void);

#endif
