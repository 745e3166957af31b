/* SPDX-License-Identifier: Apache-2.0 */
/* What the system says of a file. Swift sees the C library's `struct stat` as a type of whichever module it meets first, and in a release
 * build that is one of SwiftNIO's that nobody can import. */
#ifndef FILE_STATUS_H
#define FILE_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

typedef struct {
    /* Device and number together are the file, whatever its names. */
    uint64_t device, number;
    /* How many names it has. */
    uint64_t names;
    int64_t bytes;
    /* Which character device it is, such as a tty; 0 for other files. */
    uint64_t character_device;
    uint32_t group;
    /* Whoever is in the group may read and write it. */
    bool is_for_group;
    bool is_regular;
} file_status_t;

static inline file_status_t file_status_from(const struct stat *status) {
    file_status_t result = {
        .device = status->st_dev, .number = status->st_ino, .names = status->st_nlink, .bytes = status->st_size,
        .character_device = S_ISCHR(status->st_mode) ? status->st_rdev : 0, .group = status->st_gid,
        .is_for_group = (status->st_mode & 060) == 060, .is_regular = S_ISREG(status->st_mode)};
    return result;
}

/* 0, or -1 with errno as stat() sets it. Follows symbolic links. */
static inline int file_status_of(const char *path, file_status_t *result) {
    struct stat status;
    if (stat(path, &status) != 0) return -1;
    *result = file_status_from(&status);
    return 0;
}

/* The same of a file that is open. */
static inline int file_status_of_open(int descriptor, file_status_t *result) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) return -1;
    *result = file_status_from(&status);
    return 0;
}

#endif
