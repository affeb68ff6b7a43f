/* A counter that any caller changes behind the others' backs. */
int rs_bad_counter;
int rs_bad_next(void);
int rs_bad_next(void)
{
	static int calls;

	return rs_bad_counter + ++calls;
}
