/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as text that is to be published.  Redaction keeps its length, its lines and the
 * words that are to stay; what was masked stays masked, and a known name does not survive.
 */
#include <string.h>

#include "../../src/archive/redact_priv.h"
#include "fuzz_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "labserver7", "mmuster" };
	static const char *const keep[] = { "openvz" };
	struct rs_redactor r = { .names = NULL };
	char *text = malloc(size + 1), *once = malloc(size + 1);

	must(text != NULL && once != NULL);
	must(rs_redactor_init(&r, names, 2, keep, 1, NULL) == 0);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	(void)rs_redact_text(&r, text, size);
	must(text[size] == '\0');
	for (size_t i = 0; i < size; i++) {
		must(text[i] == (char)data[i] || text[i] == '*');
		must(data[i] != '\n' || text[i] == '\n');
	}
	memcpy(once, text, size + 1);
	r.in_key = 0;
	(void)rs_redact_text(&r, once, size);
	/* a word between blanks is a whole word */
	must(memmem(text, size, " labserver7 ", 12) == NULL);
	memcpy(once, data, size);
	once[size] = '\0';
	if (strlen(once) == size) {
		(void)rs_redact_value(&r, "disk.serial", once);
		must(strlen(once) == size);
	}
	rs_redactor_release(&r);
	free(text);
	free(once);
	return 0;
}
