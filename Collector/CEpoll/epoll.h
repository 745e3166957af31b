/* SPDX-License-Identifier: Apache-2.0 */
/* What Swift's own C library module leaves out. */
#include <sys/epoll.h>
