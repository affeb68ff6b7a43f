/* A shell line. */
#include <stdlib.h>
int rs_bad_shell(void);
int rs_bad_shell(void)
{
	return system("true");
}
