/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Linked into every program that the address sanitizer is in: what of other libraries is no leak.
 * fontconfig keeps what it read to the end of the process, and pango what it made of that.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libpango\n";
}

const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}
