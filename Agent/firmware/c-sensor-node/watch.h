/*
 * watch.h - lets a collector see the default heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WATCH_H
#define WATCH_H

/* After dalloc_register_heap. */
void watch_start(void);

/* In the main loop, or in an idle task of its own. */
void watch(void);

#endif
