/* TODO: finish this. */
int rs_bad_text;
