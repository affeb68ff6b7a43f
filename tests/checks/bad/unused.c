/* A global that nobody calls and that is not ours by name. */
int forgotten(void);
int forgotten(void)
{
	return 1;
}
