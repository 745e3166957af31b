/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums for SQLite's pages. A database page on a disk can change without anybody writing to it; SQLite would then
 * answer from it as if nothing had happened. This layer between SQLite and the file system (a VFS shim, see
 * https://www.sqlite.org/vfs.html) keeps 8 bytes at the end of every page for a checksum of the page and its place,
 * and fails a read with SQLITE_IOERR_DATA when they don't match. SQLite itself leaves these bytes alone: they are its
 * "reserved bytes", number 20 of the file's header.
 *
 * Pages in the write-ahead log are compared with what this process wrote to it, or read when it recovered the log,
 * which SQLite's own checksums cover.
 */
#ifndef PAGE_GUARD_H
#define PAGE_GUARD_H

#include <stdint.h>

/* Bytes of a page that are not SQLite's. */
#define PAGE_GUARD_RESERVED 8
/* Bytes of a page, as SQLite has them by default: the only size that is guarded. */
#define PAGE_GUARD_PAGE 4096

/* Makes the guard the way in which this process opens databases from now on. 0, or a result code of SQLite. Once more
 * does nothing. Databases without the reserved bytes are read and written as they are. */
int page_guard_install(void);

typedef enum {
    /* There is no such file, or nothing in it. */
    PAGE_GUARD_ABSENT,
    /* The first page is as it was written. */
    PAGE_GUARD_SOUND,
    /* It is a database that has never had checksums. */
    PAGE_GUARD_UNGUARDED,
    /* It has changed since it was written, or is no database at all. */
    PAGE_GUARD_DAMAGED,
    /* It can't be read. */
    PAGE_GUARD_UNREADABLE
} page_guard_state;

/* Looks at the first page of a file, which says how all others are to be read. */
page_guard_state page_guard_look(const char *path);

/* The checksum of a page's contents, its last 8 bytes excluded; `number` is 0 for the first page of the file. */
uint64_t page_guard_checksum(const uint8_t *page, uint64_t number);

#endif
