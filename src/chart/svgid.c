/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cairo numbers the ids of an SVG by what the process drew before, and two of its SVGs
 * in one page share ids.  Here every id gets the figure's own prefix, the number of the
 * surface goes, and title, description and role come in.
 */
#include "chart_priv.h"

#include <string.h>

static void add_escaped(struct rs_buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '<')
			rs_buf_adds(out, "&lt;");
		else if (*s == '>')
			rs_buf_adds(out, "&gt;");
		else if (*s == '&')
			rs_buf_adds(out, "&amp;");
		else
			rs_buf_addc(out, *s);
	}
}

static void add_element(struct rs_buf *out, const char *name, const char *id, const char *text)
{
	if (*text == '\0')
		return;
	rs_buf_addf(out, "<%s", name);
	if (id != NULL)
		rs_buf_addf(out, " id=\"%s-%s\"", id, name);
	rs_buf_adds(out, ">");
	add_escaped(out, text);
	rs_buf_addf(out, "</%s>\n", name);
}

/* Where the id that starts at p ends; NULL when p starts no id or reference. */
static const char *marker_end(const char *p, const char *end)
{
	static const char *const before_id[] = { " id=\"", "href=\"#", "url(#" };

	for (size_t i = 0; i < sizeof(before_id) / sizeof(before_id[0]); i++) {
		size_t n = strlen(before_id[i]);

		if ((size_t)(end - p) > n && memcmp(p, before_id[i], n) == 0)
			return p + n;
	}
	return NULL;
}

static const char *next_candidate(const char *p, const char *end)
{
	while (p < end && *p != ' ' && *p != 'h' && *p != 'u')
		p++;
	return p;
}

static void rewrite_body(const char *p, const char *end, const char *id, struct rs_buf *out)
{
	static const char surface[] = " id=\"surface";
	const char *from = p;

	while ((p = next_candidate(p, end)) < end) {
		const char *name = marker_end(p, end);

		if (name == NULL) {
			p++;
			continue;
		}
		rs_buf_add(out, from, (size_t)(p - from));
		from = name;
		if ((size_t)(end - p) > sizeof(surface) && memcmp(p, surface, sizeof(surface) - 1) == 0) {
			const char *quote = memchr(name, '"', (size_t)(end - name));

			from = quote == NULL ? end : quote + 1;	/* nobody refers to it */
		} else {
			rs_buf_add(out, p, (size_t)(name - p));
			rs_buf_addf(out, "%s-", id);
		}
		p = from;
	}
	rs_buf_add(out, from, (size_t)(end - from));
}

int rs_svg_rewrite(const char *svg, size_t len, const struct rs_figure *f, struct rs_buf *out,
		   struct rs_err *err)
{
	const char *end = svg + len;
	const char *root = strstr(svg, "<svg ");
	const char *close = root == NULL ? NULL : strchr(root, '>');

	if (close == NULL)
		return rs_err_set(err, RS_ERR_INTERNAL, "figure \"%s\": cairo wrote no svg element", f->id);
	rs_buf_add(out, svg, (size_t)(root - svg));
	rs_buf_addf(out, "<svg role=\"img\" aria-labelledby=\"%s-title%s%s%s\"", f->id,
		    *f->description == '\0' ? "" : " ", *f->description == '\0' ? "" : f->id,
		    *f->description == '\0' ? "" : "-desc");
	rs_buf_add(out, root + 4, (size_t)(close + 1 - root - 4));
	rs_buf_adds(out, "\n");
	add_element(out, "title", f->id, *f->title == '\0' ? f->id : f->title);
	add_element(out, "desc", f->id, f->description);
	add_element(out, "metadata", NULL, f->provenance);
	rewrite_body(close + 1, end, f->id, out);
	return rs_buf_check(out, err);
}
