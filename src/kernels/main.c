/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * restudy-kernels: small tests of a machine, by UnixBench's ids, units and
 * definitions.  One JSON object per test on stdout, errors on stderr.  All files
 * are made in one folder below --dir, which is removed at the end.
 */
#include "measure_priv.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage_text[] =
	"usage: restudy-kernels TEST... [options], or --list\n"
	"  --duration SECONDS   of each test (default 10)\n"
	"  --dir FOLDER         where files are written (default /tmp)\n"
	"  --copies N           processes at once, results summed (default 1)\n"
	"  --repeat N           runs of each test, an object each (default 1)\n"
	"  --cpu N              pin the first copy to CPU N, the next to N+1\n"
	"  --settle SECONDS     pause after syncing, before file tests (default a tenth of the\n"
	"                       duration, at most 0.1)\n"
	"  --static             spawn and execl by this static program: they are cheaper than\n"
	"                       by the dynamic twin it carries, and than UnixBench's\n"
	"exit status: 0 done, 1 a test failed, 2 usage, 3 a test needs a missing program\n";

static int refuse(const char *what, const char *value)
{
	fprintf(stderr, "restudy-kernels: %s \"%s\": see restudy-kernels --help\n", what, value);
	return KERNELS_USAGE;
}

static void list(void)
{
	size_t n;
	const struct kernel *all = kernels_all(&n);

	printf("# definitions %d; spawn and execl by a dynamic twin where it runs, else by this %s "
	       "program, which does about 1.2 and 1.3 times as many loops\n",
	       KERNELS_DEFINITION, kernels_linkage());
	for (size_t i = 0; i < n; i++)
		printf("%s\t%s\t%s\t%s\n", all[i].id, all[i].unit, all[i].title,
		       all[i].definition);
}

static int add_test(struct kernels_ask *ask, const char *id)
{
	const struct kernel *k = kernel_find(id);

	if (k == NULL)
		return refuse("no test", id);
	if (ask->n_tests == sizeof(ask->tests) / sizeof(ask->tests[0]))
		return refuse("too many tests at", id);
	ask->tests[ask->n_tests++] = k;
	return KERNELS_DONE;
}

/* A plain decimal number in [lo, hi]; the C locale holds, since none was set. */
static int number(const char *s, double lo, double hi, double *ret)
{
	char rest;

	return sscanf(s, "%lf%c", ret, &rest) == 1 && *ret >= lo && *ret <= hi ? 0 : -1;
}

static int option(struct kernels_ask *ask, const char *name, const char *value)
{
	double v = 0;

	if (strcmp(name, "--dir") == 0)
		ask->run.dir = value;
	else if (strcmp(name, "--duration") == 0 && number(value, 0.001, 86400, &v) == 0)
		ask->run.duration_s = v;
	else if (strcmp(name, "--settle") == 0 && number(value, 0, 60, &v) == 0)
		ask->run.settle_s = v;
	else if (strcmp(name, "--copies") == 0 && number(value, 1, 64, &v) == 0)
		ask->copies = (int)v;
	else if (strcmp(name, "--repeat") == 0 && number(value, 1, 1000, &v) == 0)
		ask->repeat = (int)v;
	else if (strcmp(name, "--cpu") == 0 && number(value, 0, 1023, &v) == 0)
		ask->cpu = (int)v;
	else
		return refuse(name, value);
	return KERNELS_DONE;
}

static int parse(struct kernels_ask *ask, int argc, char **argv)
{
	int rc = KERNELS_DONE;

	for (int i = 1; i < argc && rc == KERNELS_DONE; i++) {
		if (strncmp(argv[i], "--", 2) != 0)
			rc = add_test(ask, argv[i]);
		else if (strcmp(argv[i], "--static") == 0)
			ask->use_static = 1;
		else if (i + 1 < argc) {
			rc = option(ask, argv[i], argv[i + 1]);
			i++;
		} else
			rc = refuse("option without a value, or unknown,", argv[i]);
	}
	if (rc == KERNELS_DONE && ask->n_tests == 0) {
		fputs(usage_text, stderr);
		return KERNELS_USAGE;
	}
	return rc;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* Unpacks the twin when one of the tests is its own. */
static const char *find_twin(const struct kernels_ask *ask, char *path, size_t size)
{
	int wanted = 0;

	for (size_t i = 0; i < ask->n_tests; i++)
		wanted |= ask->tests[i]->run == kernel_spawn || ask->tests[i]->run == kernel_execl;
	if (!wanted || ask->use_static ||
	    (size_t)snprintf(path, size, "%s/twin", ask->run.dir) >= size)
		return NULL;
	return kernels_twin(path) == 0 ? path : NULL;
}

static int measure_all(struct kernels_ask *ask)
{
	char folder[4096], twin[4200];
	int worst = KERNELS_DONE;

	if ((size_t)snprintf(folder, sizeof(folder), "%s/restudy-kernels.XXXXXX", ask->run.dir) >=
		    sizeof(folder) ||
	    mkdtemp(folder) == NULL) {
		fprintf(stderr, "restudy-kernels: folder \"%s\": %s\n", ask->run.dir,
			strerror(errno));
		return KERNELS_FAILED;
	}
	ask->run.dir = folder;
	ask->twin = find_twin(ask, twin, sizeof(twin));
	for (size_t i = 0; i < ask->n_tests * (size_t)ask->repeat && worst < 128; i++) {
		const int rc = kernels_measure(ask, ask->tests[i / (size_t)ask->repeat]);

		/* A failure outranks a missing program; a signal ends all. */
		if (rc >= 128 || worst == KERNELS_DONE || rc == KERNELS_FAILED)
			worst = rc != KERNELS_DONE ? rc : worst;
	}
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return worst;
}

static int copy_main(int argc, char **argv, const char *self)
{
	struct kernel_run run = { .self = self };
	const struct kernel *k = argc == 6 ? kernel_find(argv[2]) : NULL;

	if (k == NULL || number(argv[3], 0.001, 86400, &run.duration_s) < 0 ||
	    number(argv[4], 0, 60, &run.settle_s) < 0)
		return KERNELS_USAGE;
	run.dir = argv[5];
	return kernels_copy(k, &run);
}

int main(int argc, char **argv)
{
	struct kernels_ask ask;
	char self[4096];
	ssize_t n;
	int rc;

	if (argc > 1 && strcmp(argv[1], KERNEL_EXECL_STEP) == 0)
		return kernel_execl_step(argc, argv);	/* first: nothing else may cost time */
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	snprintf(self + (n > 0 ? n : 0), sizeof(self) - (size_t)(n > 0 ? n : 0), "%s",
		 n > 0 ? "" : argv[0]);
	if (argc > 1 && strcmp(argv[1], KERNELS_COPY) == 0)
		return copy_main(argc, argv, self);
	if (argc > 1 && (strcmp(argv[1], "--list") == 0 || strcmp(argv[1], "--help") == 0)) {
		if (argv[1][2] == 'l')
			list();
		else
			fputs(usage_text, stdout);
		return fflush(stdout) == 0 ? KERNELS_DONE : KERNELS_FAILED;
	}
	memset(&ask, 0, sizeof(ask));
	ask.run = (struct kernel_run){ .duration_s = 10, .settle_s = -1, .dir = "/tmp",
				       .self = self };
	ask.copies = 1;
	ask.repeat = 1;
	ask.cpu = -1;
	rc = parse(&ask, argc, argv);
	if (ask.run.settle_s < 0)
		ask.run.settle_s = ask.run.duration_s < 1 ? ask.run.duration_s / 10 : 0.1;
	return rc == KERNELS_DONE ? measure_all(&ask) : rc;
}
