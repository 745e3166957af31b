/* What Swift's own C library module leaves out. */
#include <malloc.h>
