/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan: the study that ships, every complaint with its place and caret against a
 * golden text, the schema's agreement with the parser, and what lint says.  The
 * golden texts are rewritten when RESTUDY_REGEN is set; a person reads the change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "restudy/base/buf.h"
#include "restudy/base/cmd.h"
#include "restudy/base/mem.h"
#include "restudy/base/path.h"
#include "restudy/bench.h"
#include "restudy/plan.h"

#include "../../src/plan/validate_priv.h"
#include "../../src/plan/vocabulary_priv.h"

#define GOLDEN RS_SOURCE_DIR "/tests/golden/plan"
#define THESIS RS_SOURCE_DIR "/thesis-plan.xml"
#define SCHEMA RS_SOURCE_DIR "/data/schema/plan.xsd"

/* ---- the study that ships ---- */

static struct rs_plan *load_thesis(void)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	struct rs_err err = RS_ERR_INIT;
	struct rs_plan *plan = rs_plan_load(THESIS, &diags, &err);

	if (plan == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(diags.n, 0);
	return plan;
}

/* Expected values are those printed in sections 3.1 to 3.4 of the paper. */
static void thesis_has_the_machine(void **state)
{
	RS_AUTO_PLAN *plan = load_thesis();
	const struct rs_hardware *hw = &plan->hardware;

	(void)state;
	assert_string_equal(hw->title, "IBM xSeries 345");
	assert_int_equal(hw->sockets, 2);
	assert_true(hw->clock_hz > 2.79e9 && hw->clock_hz < 2.81e9);
	assert_true(hw->memory_bytes == INT64_C(2147483648));
	assert_int_equal(hw->n_disks, 2);
	assert_true(hw->disks[1].size_bytes == INT64_C(36000000000));
	assert_int_equal(hw->raids[0].level, 1);
	assert_int_equal(hw->raids[0].n_members, 2);
	assert_string_equal(hw->groups[0].name, "VolGroup00");
	assert_string_equal(hw->groups[0].on, "md0");
	assert_string_equal(hw->groups[0].volumes[0].mount, "/vz");
	assert_int_equal(hw->n_nics, 2);
	assert_true(hw->nics[0].capacity_bps > 0.99e9 && hw->nics[0].link_bps < 1.01e8);
	assert_null(plan->citation.author);
	assert_int_equal(plan->citation.year, 2006);
}

static void thesis_has_the_systems(void **state)
{
	RS_AUTO_PLAN *plan = load_thesis();
	const struct rs_system *vz = rs_plan_system(plan, "openvz"), *xen = rs_plan_system(plan, "xen");

	(void)state;
	assert_string_equal(rs_plan_baseline(plan)->id, "host");
	assert_int_equal(rs_plan_baseline(plan)->guests.n_counts, 0);
	assert_int_equal(vz->platform, RS_PLATFORM_OPENVZ);
	assert_int_equal(vz->substitute, RS_PLATFORM_LXC);
	assert_int_equal(vz->boot, RS_BOOT_PLAIN);
	assert_string_equal(vz->guests.names[2], "103");
	assert_string_equal(vz->packages[1], "vzctl-3.0.11-1.i386.rpm");
	assert_int_equal(vz->n_packages, 9);
	assert_int_equal(vz->n_sysctls, 6);
	assert_string_equal(vz->sysctls[0].key, "net.ipv4.ip_forward");
	assert_int_equal(xen->platform, RS_PLATFORM_XEN);
	assert_int_equal(xen->boot, RS_BOOT_XEN);
	assert_int_equal(xen->has_substitute, 0);
	assert_int_equal(xen->n_packages, 6);
	assert_int_equal(xen->guests.counts[0], 3);
	assert_true(xen->guests.memory_bytes == 256 * INT64_C(1048576));
	assert_string_equal(xen->guests.disks[0].volume, "xenU_%d.1");
	assert_string_equal(xen->guests.disks[1].filesystem, "swap");
	assert_string_equal(xen->guests.address, "192.168.0.2");
	assert_string_equal(xen->guests.bridge, "xen-br0");
}

static void thesis_has_the_measurements(void **state)
{
	RS_AUTO_PLAN *plan = load_thesis();
	const struct rs_benchmark *siege = rs_plan_benchmark(plan, "siege");
	const struct rs_published *table = rs_plan_published(plan, "published-3.1");
	const struct rs_exhibit *cpu = rs_plan_exhibit(plan, "fig-3.2");

	(void)state;
	assert_true(rs_plan_duration_s(siege, rs_plan_profile(plan, "thesis")) == 1800);
	assert_true(rs_plan_duration_s(siege, rs_plan_profile(plan, "quick")) == 5);
	assert_int_equal(rs_plan_trials(siege, rs_plan_profile(plan, "quick")), 3);
	assert_int_equal(rs_plan_warmup(siege, rs_plan_profile(plan, "quick")), 0);
	assert_int_equal(siege->sequential, 0);
	assert_int_equal(rs_plan_benchmark(plan, "unixbench")->sequential, 1);
	assert_int_equal(table->n_values, 15);
	assert_string_equal(table->values[0].text, "1426657");
	assert_string_equal(table->values[13].system, "xen");
	assert_true(table->values[11].value > 897.04 && table->values[11].value < 897.06);
	assert_int_equal(cpu->value, RS_VALUE_INDEX);
	assert_true(cpu->scale == 10);
	assert_int_equal(rs_plan_exhibit(plan, "fig-3.1")->chart, RS_CHART_STORAGE);
	assert_true(plan->n_claims >= 14);
}

/* ---- golden texts ---- */

/* What a person sees for a plan: its diagnostics, lint's too when it has no error. */
static char *shown(const char *folder, const char *name)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_BUF source = RS_BUF_INIT, out = RS_BUF_INIT;
	RS_AUTO_STR *path = rs_path_join(folder, name, NULL);
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_PLAN *plan = NULL;
	char *ret;

	assert_non_null(path);
	assert_int_equal(rs_path_read(path, 8 * 1024 * 1024, &source, NULL), 0);
	plan = rs_plan_load(path, &diags, &err);
	if (plan != NULL)
		assert_int_equal(rs_plan_lint(plan, &diags, &err), 0);
	else
		assert_true(err.kind == RS_ERR_PLAN && err.text[0] != '\0');
	assert_true((plan == NULL) == (rs_diagnostics_worst(&diags) == RS_LEVEL_ERROR));
	rs_diagnostics_print(&diags, name, rs_buf_str(&source), &out);
	ret = out.len > 0 ? rs_buf_steal(&out) : strdup("");
	assert_non_null(ret);
	return ret;
}

/* Compares with (or rewrites) NAME.diag beside NAME.xml. */
static void check_golden(const char *folder, const char *name)
{
	RS_AUTO_STR *is = shown(folder, name);
	RS_AUTO_STR *path = NULL;
	RS_AUTO_BUF expected = RS_BUF_INIT;

	path = rs_asprintf(NULL, "%s/%.*s.diag", folder, (int)(strlen(name) - 4), name);
	assert_non_null(path);
	if (getenv("RESTUDY_REGEN") != NULL) {
		assert_int_equal(rs_path_write(path, is, strlen(is), NULL), 0);
		return;
	}
	if (rs_path_read(path, 1 << 20, &expected, NULL) < 0)
		fail_msg("%s is missing; set RESTUDY_REGEN=1, then read it", path);
	if (strcmp(rs_buf_str(&expected), is) != 0)
		fail_msg("%s: expected\n%s\nbut got\n%s", name, rs_buf_str(&expected), is);
}

static int is_xml(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && strcmp(name + n - 4, ".xml") == 0 && strncmp(name, "part-", 5) != 0;
}

/* Calls check for every plan of a golden folder; returns how many there are. */
static size_t each_golden(const char *kind, void (*check)(const char *folder, const char *name))
{
	RS_AUTO_STR *folder = rs_path_join(GOLDEN, kind, NULL);
	RS_AUTO_ARGV names = NULL;
	size_t n, seen = 0;

	assert_non_null(folder);
	assert_int_equal(rs_path_list(folder, &names, &n, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		if (!is_xml(names[i]))
			continue;
		check(folder, names[i]);
		seen++;
	}
	return seen;
}

static void must_be_refused(const char *folder, const char *name)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_STR *path = rs_path_join(folder, name, NULL);
	RS_AUTO_PLAN *plan = rs_plan_load(path, &diags, NULL);

	if (plan != NULL)
		fail_msg("%s is wrong and was accepted", name);
}

static void must_be_accepted(const char *folder, const char *name)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_STR *path = rs_path_join(folder, name, NULL);
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(path, &diags, &err);

	if (plan == NULL)
		fail_msg("%s: %s", name, err.text);
}

static void every_mistake_is_told(void **state)
{
	(void)state;
	assert_true(each_golden("invalid", check_golden) >= 60);
	each_golden("invalid", must_be_refused);
}

static void every_valid_plan_loads(void **state)
{
	(void)state;
	assert_true(each_golden("valid", check_golden) >= 3);
	each_golden("valid", must_be_accepted);
}

static void every_lint_rule_speaks(void **state)
{
	(void)state;
	assert_true(each_golden("lint", check_golden) >= 10);
	each_golden("lint", must_be_accepted);
}

/* ---- the schema ---- */

/* xmllint's verdict, independent of our parser: 0 accepted, else refused. */
static int xmllint_says(const char *path)
{
	RS_AUTO_CMD *cmd = rs_cmd_new("xmllint");
	struct rs_cmd_result result;

	rs_cmd_args(cmd, (const char *const[]){ "--nonet", "--noout", "--xinclude",
						"--nofixup-base-uris", "--schema", SCHEMA, NULL });
	rs_cmd_arg(cmd, path);
	rs_cmd_timeout(cmd, 60);
	assert_int_equal(rs_cmd_run(cmd, &result, NULL), 0);
	return result.status;
}

static void schema_must_accept(const char *folder, const char *name)
{
	RS_AUTO_STR *path = rs_path_join(folder, name, NULL);

	if (xmllint_says(path) != 0)
		fail_msg("the schema refuses %s, the parser accepts it", name);
}

/* A file whose shape is wrong is named shape-*: schema and parser both refuse it. */
static void schema_must_refuse(const char *folder, const char *name)
{
	RS_AUTO_STR *path = rs_path_join(folder, name, NULL);

	if (strncmp(name, "shape-", 6) == 0 && xmllint_says(path) == 0)
		fail_msg("the schema accepts %s, the parser refuses it", name);
}

static void schema_agrees_with_the_parser(void **state)
{
	RS_AUTO_STR *xmllint = rs_path_program("xmllint");

	(void)state;
	if (xmllint == NULL)
		skip();
	assert_int_equal(xmllint_says(THESIS), 0);
	each_golden("valid", schema_must_accept);
	each_golden("lint", schema_must_accept);
	each_golden("invalid", schema_must_refuse);
}

/* ---- schema and vocabulary say the same ---- */

static const char *attr_of(const xmlNode *n, const char *name)
{
	for (const xmlAttr *a = n->properties; a != NULL; a = a->next) {
		if (strcmp((const char *)a->name, name) == 0)
			return (const char *)a->children->content;
	}
	return "";
}

/* The next element called name after n within root, in document order. */
static xmlNode *next_called(xmlNode *root, xmlNode *n, const char *name)
{
	do {
		if (n->children != NULL) {
			n = n->children;
		} else {
			while (n != root && n->next == NULL)
				n = n->parent;
			n = n != root ? n->next : NULL;
		}
	} while (n != NULL && (n->type != XML_ELEMENT_NODE || strcmp((const char *)n->name, name) != 0));
	return n;
}

static xmlNode *named(xmlNode *root, const char *kind, const char *name)
{
	for (xmlNode *n = next_called(root, root, kind); n != NULL; n = next_called(root, n, kind)) {
		if (strcmp(attr_of(n, "name"), name) == 0)
			return n;
	}
	return NULL;
}

static size_t count_of(xmlNode *root, const char *kind)
{
	size_t n = 0;

	for (xmlNode *x = next_called(root, root, kind); x != NULL; x = next_called(root, x, kind))
		n++;
	return n;
}

static void must_be_documented(xmlNode *n)
{
	xmlNode *doc = next_called(n, n, "documentation");

	if (doc == NULL || doc->children == NULL || strlen((const char *)doc->children->content) < 5)
		fail_msg("the schema says nothing about \"%s\"", attr_of(n, "name"));
}

/* The words of a set stand in the schema, and no others. */
static void compare_set(xmlNode *schema, const struct rs_attr *a, const char *type)
{
	const struct rs_names *set = rs_set_names(a->set);
	xmlNode *simple = named(schema, "simpleType", type);
	size_t i = 0;

	assert_non_null(simple);
	for (xmlNode *n = next_called(simple, simple, "enumeration"); n != NULL;
	     n = next_called(simple, n, "enumeration"))
		assert_string_equal(attr_of(n, "value"), set->names[i++]);
	assert_int_equal(i, set->n);
}

static void compare_element(xmlNode *schema, const struct rs_element *e, const char *type)
{
	xmlNode *complex = named(schema, "complexType", type);

	if (complex == NULL)
		fail_msg("the schema has no type \"%s\" for <%s>", type, e->name);
	assert_int_equal(count_of(complex, "attribute"), e->n_attrs);
	for (size_t i = 0; i < e->n_attrs; i++) {
		const struct rs_attr *a = &e->attrs[i];
		xmlNode *n = named(complex, "attribute", a->name);

		if (n == NULL)
			fail_msg("the schema lacks %s of <%s>", a->name, e->name);
		must_be_documented(n);
		if ((strcmp(attr_of(n, "use"), "required") == 0) != ((a->flags & RS_ATTR_REQUIRED) != 0))
			fail_msg("%s of <%s> is required by one of the two", a->name, e->name);
		if (a->type == RS_TYPE_SET)
			compare_set(schema, a, attr_of(n, "type") + strlen("p:"));
	}
	assert_int_equal(count_of(complex, "element"), e->n_children);
	for (size_t i = 0; i < e->n_children; i++) {
		xmlNode *n = named(complex, "element", e->children[i].element->name);

		if (n == NULL)
			fail_msg("the schema lacks <%s> in <%s>", e->children[i].element->name, e->name);
		must_be_documented(n);
		compare_element(schema, e->children[i].element, attr_of(n, "type") + strlen("p:"));
	}
}

static void schema_has_the_vocabulary(void **state)
{
	xmlDoc *doc = xmlReadFile(SCHEMA, NULL, XML_PARSE_NONET);
	xmlNode *root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;

	(void)state;
	assert_non_null(root);
	compare_element(root, rs_vocabulary(), "plan-element");
	xmlFreeDoc(doc);
}

/* ---- metrics ---- */

/* Every adapter's own table and the plan's list of names are the same set. */
static void metrics_are_those_of_the_adapters(void **state)
{
	(void)state;
	for (int a = 0; a < RS_ADAPTER_LAST; a++) {
		const struct rs_bench_driver *driver = rs_bench_driver_of((enum rs_adapter)a);
		size_t n;
		const struct rs_known_metric *known = rs_known_metrics((enum rs_adapter)a, &n);

		if (driver == NULL || driver->metrics == NULL)
			continue;
		assert_int_equal(n, driver->n_metrics);
		for (size_t i = 0; i < n; i++) {
			size_t k = 0;

			while (k < n && strcmp(known[k].id, driver->metrics[i].id) != 0)
				k++;
			if (k == n)
				fail_msg("the plan does not know \"%s\" of %s", driver->metrics[i].id,
					 driver->name);
			assert_int_equal(known[k].group, driver->metrics[i].group);
		}
	}
}

/* ---- loading ---- */

static const char head[] = "<plan xmlns='urn:restudy:plan:1' xmlns:xi='http://www.w3.org/2001/XInclude'>\n"
			   "<study id='s' title='S'/>\n"
			   "<image id='d' distribution='D' release='1' builder='dnf'/>\n";

/* Loads head + middle + "</plan>", which has mistakes. */
static struct rs_err error_of(const char *middle, struct rs_diagnostics *diags)
{
	RS_AUTO_BUF b = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_PLAN *plan = NULL;

	rs_buf_addf(&b, "%s%s</plan>\n", head, middle);
	plan = rs_plan_load_bytes("given", rs_buf_str(&b), b.len, diags, &err);
	assert_null(plan);
	assert_int_equal(err.kind, RS_ERR_PLAN);
	return err;
}

static void error_tells_the_first_problem(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;

	(void)state;
	assert_string_equal(error_of("<system id='h' platform='host'/>\n<benchmark id='k' adapter='kernels' "
				     "trials='0' warmup='x'/>", &diags).text,
			    "given:5: <benchmark trials='0'>: must be at least 1 (and 1 more)");
	assert_int_equal(diags.n, 2);
	assert_int_equal(rs_diagnostics_worst(&diags), RS_LEVEL_ERROR);
	assert_int_equal(rs_err_exit_status(RS_ERR_PLAN), 2);
}

/* What is wrong with a whole file has no line. */
static void error_of_a_file_names_no_line(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_null(rs_plan_load_bytes("given", "\xff\xfe<\0", 4, &diags, &err));
	assert_string_equal(err.text, "given: is UTF-16; save it as UTF-8");
}

static void bytes_cannot_include(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;

	(void)state;
	assert_string_equal(error_of("<xi:include href='system.xml'/>", &diags).text,
			    "given:4: <xi:include href='system.xml'>: a plan that is not a file cannot "
			    "include files");
}

static void defaults_are_filled_in(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(GOLDEN "/valid/smallest.xml", &diags, NULL);

	(void)state;
	assert_non_null(plan);
	assert_string_equal(plan->language, "en");
	assert_true(plan->seed == 1);
	assert_string_equal(plan->systems[0].image, "deb");
	assert_string_equal(plan->systems[0].title, "host");
	assert_int_equal(plan->systems[0].boot, RS_BOOT_PLAIN);
	assert_int_equal(plan->benchmarks[0].trials, 6);
	assert_int_equal(plan->benchmarks[0].warmup, 1);
	assert_true(plan->benchmarks[0].duration_s == 10);
	assert_int_equal(plan->benchmarks[0].line, 5);
}

static void every_field_arrives(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(GOLDEN "/valid/everything.xml", &diags, NULL);
	const struct rs_guests *g;
	const struct rs_benchmark *k;

	(void)state;
	assert_non_null(plan);
	assert_string_equal(plan->citation.institution, "A School");
	assert_true(plan->seed == 7 && plan->hardware.raids[0].level == 0);
	assert_int_equal(plan->hardware.threads_per_core, 2);
	assert_true(plan->hardware.groups[0].volumes[0].size_bytes == INT64_C(1610612736));
	assert_true(plan->hardware.nics[1].link_bps > 0.99e9);
	assert_string_equal(plan->images[1].packages[2], "libc6:i386");
	assert_string_equal(plan->images[0].substitute, "new");
	g = &rs_plan_system(plan, "vz")->guests;
	assert_int_equal(g->n_counts, 3);
	assert_int_equal(g->counts[2], 3);
	assert_true(g->cpus > 0.49 && g->cpus < 0.51);
	assert_string_equal(g->disks[1].device, "sda2");
	assert_string_equal(g->limits[0].value, "65:65");
	assert_string_equal(g->mac, "00:16:3e:00:00:01");
	assert_string_equal(rs_plan_system(plan, "vm")->guests.names[2], "vm-3");
	k = rs_plan_benchmark(plan, "k");
	assert_true(k->sequential && k->drop_caches && k->pause_s == 2 && k->concurrency == 2);
	assert_true(rs_plan_benchmark(plan, "w")->page_bytes == 8000);
	assert_true(rs_plan_benchmark(plan, "w")->keep_alive && !k->keep_alive);
	assert_string_equal(rs_plan_benchmark(plan, "c")->arguments[1], "time: 3 s");
	assert_int_equal(rs_plan_benchmark(plan, "c")->metrics[2].rule, RS_RULE_JSON);
	assert_int_equal(rs_plan_exhibit(plan, "fig-2")->over, RS_OVER_EACH);
	assert_int_equal(rs_plan_exhibit(plan, "fig-2")->rows[1].decimals, -1);
	assert_string_equal(plan->published[0].values[0].text, "12.50");
	assert_int_equal(plan->claims[0].relation, RS_REL_NEAR);
	assert_string_equal(plan->claims[1].versus, "vm");
	assert_null(plan->claims[2].benchmark);
	assert_string_equal(plan->claims[2].text, "Quick");
}

/* Loads head + middle + "</plan>", which has none. */
static struct rs_plan *plan_of(const char *middle)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_BUF b = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	struct rs_plan *plan = NULL;

	rs_buf_addf(&b, "%s%s</plan>\n", head, middle);
	plan = rs_plan_load_bytes("given", rs_buf_str(&b), b.len, &diags, &err);
	if (plan == NULL)
		fail_msg("%s", err.text);
	return plan;
}

/* Every decimal amount of bytes arrives as it is written, not a byte less. */
static void amounts_are_exact(void **state)
{
	(void)state;
	for (int i = 1; i < 1000; i++) {
		RS_AUTO_STR *text = rs_asprintf(NULL, "<system id='h' platform='host'/>\n<benchmark id='w' "
						"adapter='httpload' page-size='%d.%03dMB'/>", i / 100,
						i % 100 * 10);
		RS_AUTO_PLAN *plan = plan_of(text);

		assert_int_equal(plan->benchmarks[0].page_bytes, i * 10000);
	}
}

static void a_written_seed_is_kept(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	static const char zero[] = "<plan xmlns='urn:restudy:plan:1'><study id='s' title='S' seed='0'/>"
				   "<image id='d' distribution='D' release='1' builder='dnf'/>"
				   "<system id='h' platform='host'/><benchmark id='k' adapter='kernels'/></plan>";
	RS_AUTO_PLAN *plan = rs_plan_load_bytes("zero", zero, strlen(zero), &diags, NULL);

	(void)state;
	assert_non_null(plan);
	assert_true(plan->seed == 0);
}

static void guests_of_openvz_are_numbers(void **state)
{
	RS_AUTO_PLAN *plan = plan_of("<system id='vz' platform='openvz'><guests count='2'/></system>\n"
				     "<benchmark id='k' adapter='kernels'/>");

	(void)state;
	assert_int_equal(plan->systems[0].guests.n_names, 2);
	assert_string_equal(plan->systems[0].guests.names[0], "101");
	assert_string_equal(plan->systems[0].guests.names[1], "102");
}

/* Of every kind of exhibit, down to what stands in it. */
static void lines_are_those_of_the_file(void **state)
{
	RS_AUTO_PLAN *plan = plan_of("\n\n<system id='h' platform='host'/>\n"
				     "<benchmark id='k' adapter='kernels'/>\n"
				     "<table id='t' number='1' caption='T' benchmark='k'>\n"
				     "<row metric='pipe'/></table>\n"
				     "<listing id='l' number='1' caption='L' template='sysctl'>\n"
				     "<printed key='a' value='1'/>\n<printed key='b' value='2'/></listing>\n"
				     "<figure id='f' number='1' caption='F' benchmark='k'>\n"
				     "<bar metric='pipe'/></figure>\n");

	(void)state;
	assert_int_equal(plan->exhibits[0].line, 8);
	assert_int_equal(plan->exhibits[0].rows[0].line, 9);
	assert_int_equal(plan->exhibits[1].line, 10);
	assert_int_equal(plan->exhibits[1].printed[0].line, 11);
	assert_int_equal(plan->exhibits[1].printed[1].line, 12);
	assert_int_equal(plan->exhibits[2].rows[0].line, 14);
}

static void figures_look_as_the_plan_says(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_PLAN *plan = rs_plan_load(GOLDEN "/valid/everything.xml", &diags, NULL);
	RS_AUTO_PLAN *thesis = load_thesis();
	const struct rs_appearance *a;

	(void)state;
	assert_non_null(plan);
	a = &rs_plan_exhibit(plan, "fig-1")->appearance;	/* its own words */
	assert_true(a->width_pt > 238.1 && a->width_pt < 238.2);	/* 84 / 25.4 * 72 */
	assert_true(a->font_size_pt > 7.19 && a->font_size_pt < 7.21);
	assert_string_equal(a->font, "DejaVu Sans");
	assert_int_equal(a->colours, RS_COLOURS_ALL);
	assert_int_equal(a->hatching, 1);
	a = &rs_plan_exhibit(plan, "fig-2")->appearance;	/* and those of <style> */
	assert_true(a->width_pt > 340.1 && a->width_pt < 340.2);	/* 120 mm */
	assert_true(a->height_pt > 199.9 && a->height_pt < 200.1);
	assert_true(a->font_size_pt > 8.9 && a->font_size_pt < 9.1);
	assert_string_equal(a->font, "DejaVu Serif");
	assert_int_equal(a->colours, RS_COLOURS_GREY);
	assert_int_equal(a->hatching, 0);
	a = &rs_plan_exhibit(thesis, "fig-3.2")->appearance;	/* says nothing */
	assert_true(a->width_pt <= 0 && a->height_pt <= 0 && a->font_size_pt <= 0);
	assert_null(a->font);
	assert_int_equal(a->colours, RS_COLOURS_ALL);
	assert_int_equal(a->hatching, 0);
}

/* libxml2 keeps 16 bit of a line; ours must be right beyond. */
static void lines_are_right_in_long_files(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_BUF b = RS_BUF_INIT;

	(void)state;
	for (int i = 0; i < 70000; i++)
		rs_buf_addc(&b, '\n');
	rs_buf_adds(&b, "  <system\n id='h' platform='hostt'/><benchmark id='k' adapter='kernels'/>");
	(void)error_of(rs_buf_str(&b), &diags);
	assert_int_equal(diags.n, 1);
	assert_int_equal(diags.d[0].line, 70005);
	assert_int_equal(diags.d[0].column, 9);
}

static void many_elements_are_refused(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_BUF b = RS_BUF_INIT;
	struct rs_err err;

	(void)state;
	for (int i = 0; i < 30000; i++)
		rs_buf_adds(&b, "<system id='h'/>\n");
	err = error_of(rs_buf_str(&b), &diags);
	assert_non_null(strstr(err.text, "20001st"));
	assert_int_equal(diags.n, 1);
}

static void problems_are_bounded(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_BUF b = RS_BUF_INIT;

	(void)state;
	for (int i = 0; i < 5000; i++)
		rs_buf_addf(&b, "<systen id='s%d'/>\n", i);
	(void)error_of(rs_buf_str(&b), &diags);
	assert_true(diags.n > 100 && diags.n < 300);
	assert_int_equal(diags.d[0].level, RS_LEVEL_NOTE);
}

static void write_text(const char *folder, const char *name, const char *text)
{
	RS_AUTO_STR *path = rs_path_join(folder, name, NULL);

	assert_non_null(path);
	assert_int_equal(rs_path_write(path, text, strlen(text), NULL), 0);
}

/* A link beside the plan would reach any file of the machine. */
static void links_are_not_included(void **state)
{
	char folder[] = "/tmp/restudy-plan.XXXXXX";
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_STR *link = NULL, *path = NULL;
	RS_AUTO_BUF b = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_non_null(mkdtemp(folder));
	link = rs_path_join(folder, "system.xml", NULL);
	path = rs_path_join(folder, "plan.xml", NULL);
	write_text(folder, "real.xml", "<system xmlns='urn:restudy:plan:1' id='h' platform='host'/>");
	assert_int_equal(symlink("real.xml", link), 0);
	rs_buf_addf(&b, "%s<xi:include href='system.xml'/><benchmark id='k' adapter='kernels'/></plan>", head);
	write_text(folder, "plan.xml", rs_buf_str(&b));
	assert_null(rs_plan_load(path, &diags, &err));
	assert_non_null(strstr(err.text, "links are not followed"));
	assert_int_equal(rs_path_remove_tree(folder, NULL), 0);
}

/* The text of a plan that travels loads alone and says the same. */
static void whole_plans_need_no_other_file(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_BUF whole = RS_BUF_INIT, file = RS_BUF_INIT, none = RS_BUF_INIT;
	struct rs_err err = RS_ERR_INIT;
	RS_AUTO_PLAN *plan = NULL;

	(void)state;
	assert_int_equal(rs_plan_whole(GOLDEN "/valid/include.xml", &whole, NULL), 0);
	plan = rs_plan_load_bytes("whole", rs_buf_str(&whole), whole.len, &diags, NULL);
	assert_non_null(plan);
	assert_string_equal(rs_plan_baseline(plan)->id, "host");
	rs_buf_clear(&whole);
	assert_int_equal(rs_plan_whole(THESIS, &whole, NULL), 0);
	assert_int_equal(rs_path_read(THESIS, 1 << 20, &file, NULL), 0);
	assert_string_equal(rs_buf_str(&whole), rs_buf_str(&file));
	assert_int_equal(rs_plan_whole(GOLDEN "/invalid/include-missing.xml", &none, &err), -1);
	assert_int_equal(err.kind, RS_ERR_PLAN);
	assert_int_equal(none.len, 0);
}

static void files_that_are_no_plans(void **state)
{
	char name[] = "/tmp/restudy-plan.XXXXXX";
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_FD fd = mkstemp(name);
	struct rs_err err = RS_ERR_INIT;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 5 * 1024 * 1024), 0);
	assert_null(rs_plan_load(name, &diags, &err));
	assert_int_equal(err.kind, RS_ERR_PLAN);
	assert_int_equal(unlink(name), 0);
	rs_err_clear(&err);
	assert_null(rs_plan_load(name, &diags, &err));
	assert_int_equal(err.kind, RS_ERR_PLAN);
	assert_non_null(strstr(err.text, "No such file"));
	rs_err_clear(&err);
	assert_null(rs_plan_load("/", &diags, &err));
	assert_int_equal(err.kind, RS_ERR_PLAN);
}

static void print_needs_no_source(void **state)
{
	RS_AUTO_DIAGNOSTICS diags = RS_DIAGNOSTICS_INIT;
	RS_AUTO_BUF out = RS_BUF_INIT;

	(void)state;
	assert_int_equal(rs_diagnostics_worst(&diags), -1);
	(void)error_of("<system id='h' platform='host'/>", &diags);
	rs_diagnostics_print(&diags, "p.xml", NULL, &out);
	assert_string_equal(rs_buf_str(&out), "p.xml:1:1: error: <plan>: needs a <benchmark> inside\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thesis_has_the_machine),
		cmocka_unit_test(thesis_has_the_systems),
		cmocka_unit_test(thesis_has_the_measurements),
		cmocka_unit_test(every_mistake_is_told),
		cmocka_unit_test(every_valid_plan_loads),
		cmocka_unit_test(every_lint_rule_speaks),
		cmocka_unit_test(schema_agrees_with_the_parser),
		cmocka_unit_test(schema_has_the_vocabulary),
		cmocka_unit_test(error_tells_the_first_problem),
		cmocka_unit_test(error_of_a_file_names_no_line),
		cmocka_unit_test(bytes_cannot_include),
		cmocka_unit_test(defaults_are_filled_in),
		cmocka_unit_test(every_field_arrives),
		cmocka_unit_test(amounts_are_exact),
		cmocka_unit_test(a_written_seed_is_kept),
		cmocka_unit_test(guests_of_openvz_are_numbers),
		cmocka_unit_test(lines_are_those_of_the_file),
		cmocka_unit_test(figures_look_as_the_plan_says),
		cmocka_unit_test(lines_are_right_in_long_files),
		cmocka_unit_test(many_elements_are_refused),
		cmocka_unit_test(problems_are_bounded),
		cmocka_unit_test(metrics_are_those_of_the_adapters),
		cmocka_unit_test(links_are_not_included),
		cmocka_unit_test(whole_plans_need_no_other_file),
		cmocka_unit_test(files_that_are_no_plans),
		cmocka_unit_test(print_needs_no_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
