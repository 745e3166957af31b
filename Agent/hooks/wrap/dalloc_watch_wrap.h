/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_watch_wrap.h
 * @brief Watches malloc of newlib, newlib-nano or picolibc, also as the C library itself calls it.
 *
 * Add dalloc_watch_wrap.c to the project, the file of linker options that is for your C library, and one call:
 *
 * @code
 * target_link_options(firmware PRIVATE @Agent/hooks/wrap/newlib.flags)   // or picolibc.flags
 * @endcode
 * @code{.c}
 * dalloc_watch_config_t config = {.name = "malloc", .lock = suspend, .unlock = resume};
 * dalloc_watch_wrap_begin(&agent, &config); // first thing in main, once the agent is started
 * @endcode
 *
 * The linker then calls the functions here in place of malloc and its like (GNU ld and LLD: --wrap), from all objects and archives
 * that are linked. So it is for firmware that is linked statically, and not for link-time optimisation of the C library itself. On
 * Linux use Agent/hooks/preload.
 *
 * **Seen once.** One function of an allocator calls others: newlib's calloc calls _calloc_r, which calls _malloc_r. Of such a call the
 * outermost is told, with the call site in the program.
 *
 * **Begin first.** The C library's heap can't be walked. What was allocated before, by constructors in C++ for example, and is freed
 * later makes the table unknown until the heap is empty.
 */
#ifndef DALLOC_WATCH_WRAP_H
#define DALLOC_WATCH_WRAP_H

#include "dalloc_watch.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Watches malloc from now on.
 *
 * Context: main, before there are tasks, or the task that polls.
 *
 * @param agent   a started agent
 * @param config  as for dalloc_agent_watch, without `next`; `call_sites` is always on. Where several tasks allocate, lock and unlock
 *                are required: the lock is held during each call of malloc and its like, as the C library's own is
 * @return what dalloc_agent_watch returns
 */
dalloc_agent_error_t dalloc_watch_wrap_begin(dalloc_agent_t *agent, const dalloc_watch_config_t *config);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_WATCH_WRAP_H */
