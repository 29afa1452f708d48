/* Linux, as far as lib/genalloc.c needs it. */
#include "../shim.h"
