/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - ends a test with the line that is not true. */
#ifndef KITS_CHECK_H
#define KITS_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)

#endif
