/* A file of stats that reaches upwards and to a library that is not its own. */
#include <sqlite3.h>
#include "restudy/store.h"
