/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The testbed that is a server reached by ssh: Restudy's programs go into a private
 * folder there, which is removed at the end; one of a run that was killed, when it is
 * resumed.  Nothing else of the server is changed.
 */
#include "testbed_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "local_priv.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "tools_priv.h"

#define CONNECT_S   60
#define COMMAND_S   60
#define PUSH_DEPTH  8

struct server {
	char *folder;	/* there */
	char *program, *agent, *kernels, *work;	/* there, below folder */
};

static struct rs_channel *connect_to(const struct rs_testbed_options *o, struct rs_err *err)
{
	return rs_channel_ssh(o->kind, o->agent, CONNECT_S, err);
}

static struct rs_channel *ssh_channel(struct rs_testbed *t, struct rs_err *err)
{
	return connect_to(&t->options, err);
}

/* The first line of what a command there prints; owned. */
static char *ask(struct rs_channel *ch, const char *const *argv, struct rs_err *err)
{
	RS_AUTO_BUF text = RS_BUF_INIT;

	if (rs_channel_run_ok(ch, argv, COMMAND_S, &text, err) < 0)
		return NULL;
	return rs_strndup(rs_buf_str(&text), strcspn(rs_buf_str(&text), "\n"), err);
}

static int push_tree(struct rs_channel *ch, const char *from, const char *to, int depth,
		     struct rs_err *err)
{
	RS_AUTO_ARGV names = NULL;
	size_t n;

	if (rs_path_list(from, &names, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		RS_AUTO_STR *source = rs_path_join(from, names[i], err);
		RS_AUTO_STR *target = rs_path_join(to, names[i], err);
		struct stat st;

		if (source == NULL || target == NULL)
			return -1;
		if (lstat(source, &st) < 0)
			return rs_err_set(err, RS_ERR_FAILED, "\"%s\" went away", source);
		if (S_ISDIR(st.st_mode) ? depth > 0 && push_tree(ch, source, target, depth - 1, err) < 0 :
					  rs_channel_push(ch, source, target, st.st_mode & 0755, err) < 0)
			return -1;
	}
	return 0;
}

static int push_tools(struct rs_testbed *t, struct server *s, struct rs_channel *ch,
		      struct rs_err *err)
{
	RS_AUTO_STR *stage = rs_path_join(t->options.folder, "tools", err);
	int rc = -1;

	if (stage == NULL || rs_path_remove_tree(stage, err) < 0)
		return -1;
	rs_tell(&t->tell, "testbed: sending Restudy's programs");
	if (rs_tools_collect(&t->options, NULL, s->folder, stage, err) == 0)
		rc = push_tree(ch, stage, s->folder, PUSH_DEPTH, err);
	if (rs_path_remove_tree(stage, rc == 0 ? err : NULL) < 0)
		return -1;
	return rc;
}

/* What an earlier attempt of this run, which was killed, has left. */
static int remove_earlier(struct rs_channel *ch, const char *run_id, struct rs_err *err)
{
	RS_AUTO_STR *name = rs_asprintf(err, "restudy-%s-??????", run_id);
	const char *const argv[] = { "find", "/var/tmp", "-maxdepth", "1", "-name", name, "-exec",
				     "rm", "-rf", "--", "{}", "+", NULL };

	return name == NULL ? -1 : rs_channel_run_ok(ch, argv, COMMAND_S, NULL, err);
}

static int make_folder(struct server *s, struct rs_channel *ch, const char *run_id, struct rs_err *err)
{
	RS_AUTO_STR *pattern = rs_asprintf(err, "/var/tmp/restudy-%s-XXXXXX", run_id);
	const char *const make[] = { "mktemp", "-d", pattern, NULL };
	const char *mkdir_work[] = { "mkdir", NULL, NULL };

	if (pattern == NULL || remove_earlier(ch, run_id, err) < 0)
		return -1;
	s->folder = ask(ch, make, err);
	if (s->folder == NULL)
		return -1;
	if (strncmp(s->folder, "/var/tmp/restudy-", 17) != 0) {
		free(RS_STEAL(&s->folder));	/* never removed at the end: it is not ours */
		return rs_err_set(err, RS_ERR_FAILED, "the server gave no folder to work in");
	}
	s->program = rs_path_join(s->folder, RS_TOOLS_PROGRAM, err);
	s->agent = rs_path_join(s->folder, RS_TOOLS_AGENT, err);
	s->kernels = rs_path_join(s->folder, RS_TOOLS_KERNELS, err);
	s->work = rs_path_join(s->folder, "work", err);
	if (s->program == NULL || s->agent == NULL || s->kernels == NULL || s->work == NULL)
		return -1;
	mkdir_work[1] = s->work;
	return rs_channel_run_ok(ch, mkdir_work, COMMAND_S, NULL, err);
}

static int is_domain_0(struct rs_channel *ch)
{
	static const char *const argv[] = { "cat", "/proc/xen/capabilities", NULL };
	RS_AUTO_STR *text = ask(ch, argv, NULL);	/* no such file: no Xen */

	return text != NULL && rs_capabilities_of_dom0(text);
}

static int describe(struct rs_testbed *t, struct rs_channel *ch, struct rs_err *err)
{
	static const char *const model_argv[] = { "sed", "-n", "s/^model name[^:]*: //p", "/proc/cpuinfo",
						  NULL };
	static const char *const cpus_argv[] = { "nproc", NULL };
	static const char *const kernel_argv[] = { "uname", "-sr", NULL };
	static const char *const flags_argv[] = { "grep", "-c", "^flags.* hypervisor", "/proc/cpuinfo",
						  NULL };
	static const char *const maker_argv[] = { "cat", RS_MAKER_PATH, NULL };
	RS_AUTO_STR *model = ask(ch, model_argv, err);
	RS_AUTO_STR *cpus = ask(ch, cpus_argv, err);
	RS_AUTO_STR *kernel = ask(ch, kernel_argv, err);
	RS_AUTO_STR *flag = ask(ch, flags_argv, NULL);	/* grep's status 1: no line */
	RS_AUTO_STR *maker = flag != NULL ? ask(ch, maker_argv, NULL) : NULL;
	const int is_dom0 = flag != NULL && is_domain_0(ch);

	if (model == NULL || cpus == NULL || kernel == NULL)
		return -1;
	t->facts.virtual_machine = rs_machine_is_virtual(flag != NULL, is_dom0, maker != NULL ? maker : "");
	rs_buf_addf(&t->description, "server: %s CPUs %s, %s%s%s", cpus, model, kernel,
		    is_dom0 ? " in domain 0 of Xen" : "",
		    t->facts.virtual_machine ? ", itself a virtual machine" : "");
	t->facts.description = rs_buf_str(&t->description);
	return rs_buf_check(&t->description, err);
}

static int ssh_open(struct rs_testbed *t, struct rs_err *err)
{
	struct server *s = rs_alloc(1, sizeof(*s), err);
	RS_AUTO_CHANNEL *ch = NULL;

	t->state = s;
	if (s == NULL)
		return -1;
	ch = ssh_channel(t, err);
	if (ch == NULL || make_folder(s, ch, t->options.run_id, err) < 0 || push_tools(t, s, ch, err) < 0)
		return -1;
	t->facts.program = s->program;
	t->facts.agent = s->agent;
	t->facts.kernels = s->kernels;
	t->facts.folder = s->work;
	return describe(t, ch, err);
}

static int ssh_running(const struct rs_testbed_options *o, enum rs_boot *ret, struct rs_err *err)
{
	static const char *const openvz_argv[] = { "test", "-e", "/proc/vz", NULL };
	RS_AUTO_CHANNEL *ch = connect_to(o, err);

	if (ch == NULL)
		return -1;
	if (is_domain_0(ch))
		*ret = RS_BOOT_XEN;
	else if (rs_channel_run_ok(ch, openvz_argv, COMMAND_S, NULL, NULL) == 0)
		*ret = RS_BOOT_OPENVZ;
	else
		*ret = RS_BOOT_PLAIN;
	return 0;
}

static int ssh_boot(struct rs_testbed *t, enum rs_boot boot, struct rs_err *err)
{
	enum rs_boot running = RS_BOOT_LAST;

	if (ssh_running(&t->options, &running, err) < 0)
		return -1;
	return rs_boot_matches(boot, running, "the server", err);
}

static int ssh_close(struct rs_testbed *t, int keep, struct rs_err *err)
{
	struct server *s = t->state;
	int rc = 0;

	if (s == NULL)
		return 0;
	if (s->folder != NULL && !keep) {
		const char *const argv[] = { "rm", "-rf", "--", s->folder, NULL };
		RS_AUTO_CHANNEL *ch = ssh_channel(t, err);

		rc = ch == NULL ? -1 : rs_channel_run_ok(ch, argv, COMMAND_S, NULL, err);
		if (rc < 0)
			(void)rs_err_wrap(err, "folder \"%s\" stays on the server", s->folder);
	}
	free(s->folder);
	free(s->program);
	free(s->agent);
	free(s->kernels);
	free(s->work);
	free(s);
	t->state = NULL;
	return rc;
}

static void ssh_steps(const struct rs_plan *plan, const struct rs_testbed_options *o,
		      struct rs_buf *out)
{
	(void)plan;
	rs_buf_addf(out, "# %s as it is: nothing is booted there, no disk of the plan is made\n"
		    "# a system that its kernel cannot run has its substitute, if the plan names one\n", o->kind);
	rs_buf_adds(out, "mktemp -d /var/tmp/restudy-RUN-XXXXXX\n"
		    "# restudy, its libraries, restudy-agent and restudy-kernels go into that folder\n"
		    "# at the end\nrm -rf -- FOLDER\n");
}

static int ssh_doctor(struct rs_buf *out)
{
	RS_AUTO_STR *ssh = rs_path_program("ssh");

	return ssh == NULL ? rs_doctor_lacks(out, "ssh", "apt-get install openssh-client") : 0;
}

const struct rs_testbed_kind rs_testbed_ssh = {
	.name = "ssh",
	.running = ssh_running,
	.open = ssh_open,
	.boot = ssh_boot,
	.channel = ssh_channel,
	.close = ssh_close,
	.steps = ssh_steps,
	.doctor = ssh_doctor,
};
