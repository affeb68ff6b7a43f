/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who made a run and under which licence it is given: what a bag and a record say for ever. */
#include <ctype.h>
#include <string.h>

#include "cli_priv.h"
#include "restudy/archive.h"
#include "restudy/base/text.h"

/* "0000-0002-1825-0097", its last digit by ISO 7064 MOD 11-2 of the others. */
static int is_orcid(const char *text)
{
	int total = 0;

	if (strlen(text) != 19)
		return 0;
	for (int i = 0; i < 18; i++) {
		if (i % 5 == 4) {
			if (text[i] != '-')
				return 0;
			continue;
		}
		if (!isdigit((unsigned char)text[i]))
			return 0;
		total = (total + text[i] - '0') * 2;
	}
	return text[18] == "0123456789X"[(12 - total % 11) % 11];
}

static int is_text(const char *text)
{
	int n;

	for (uint32_t c; text != NULL && ((c = rs_text_next(text, &n)), n != 0); text += n)
		if (c == RS_TEXT_REPLACEMENT || c < 0x20)
			return 0;
	return 1;
}

int rs_cli_credit(const struct rs_bag_person *who, const char *license, struct rs_err *err)
{
	if (who->name == NULL && (who->orcid != NULL || who->affiliation != NULL))
		return rs_err_set(err, RS_ERR_USAGE, "say whose it is: --author \"Family, Given\"");
	if (who->name != NULL && who->name[strspn(who->name, " \t\n")] == '\0')
		return rs_err_set(err, RS_ERR_USAGE, "--author is empty");
	if (!is_text(who->name) || !is_text(who->affiliation))
		return rs_err_set(err, RS_ERR_USAGE, "%s is no line of text in UTF-8",
				  is_text(who->name) ? "--affiliation" : "--author");
	if (who->orcid != NULL && !is_orcid(who->orcid))
		return rs_err_set(err, RS_ERR_USAGE, "--orcid \"%.40s\" is no ORCID, such as "
				  "0000-0002-1825-0097 with its check digit", who->orcid);
	for (const char *p = license; p != NULL && (p == license || *p != '\0'); p++)
		if (!isalnum((unsigned char)*p) && (*p == '\0' || strchr(".-+", *p) == NULL))
			return rs_err_set(err, RS_ERR_USAGE, "--license \"%.40s\" is no identifier of the SPDX "
					  "licence list, such as CC-BY-4.0", license);
	return 0;
}
