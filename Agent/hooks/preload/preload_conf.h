/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload_conf.h - how libDallocAgent.a is configured for dalloc-preload.so (DALLOC_CUSTOM_CONF_FILE).
 */

/* A frame's worth: allocations of a program on Linux come in thousands. */
#define DALLOC_RECORDER_BYTES 2560

/* No heap of dalloc's own is in there. */
#define MAX_NUM_OF_ALLOCATIONS 1

/* Standard output is the program's. */
int dalloc_preload_message(const char *format, ...);
#define dalloc_debug dalloc_preload_message
