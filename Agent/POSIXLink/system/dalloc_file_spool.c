/*
 * dalloc_file_spool.c - a spool in a folder. Parts are appended to the newest file; one that is as long as `file_bytes` is followed by
 * another. The oldest file is removed when all of it was dropped. How much of it was dropped is not stored: after a restart its parts are
 * offered again, and the collector knows them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "dalloc_file_spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 24, PIECE = 4096 };

static bool fail(dalloc_file_spool_t *spool, const char *what, const char *name) {
    spool->cause = errno;
    (void)snprintf(spool->error, sizeof spool->error, "cannot %s %s: %s", what, name, strerror(errno));
    return false;
}

static uint64_t file_bytes(const dalloc_file_spool_t *spool) {
    return spool->limit / 16U < 65536U ? spool->limit / 16U : 65536U;
}

static const char *name_of(uint32_t file, char name[NAME_BYTES]) {
    (void)snprintf(name, NAME_BYTES, "%08lx.heapwire", (unsigned long)file);
    return name;
}

/* The number of a file of a spool; 0 for any other name. */
static uint32_t number_of(const char *name) {
    unsigned long number = 0;
    char again[NAME_BYTES];
    if (sscanf(name, "%8lx.heapwire", &number) != 1 || strcmp(name, name_of((uint32_t)number, again)) != 0) return 0;
    return (uint32_t)number;
}

static uint64_t size_of(const dalloc_file_spool_t *spool, uint32_t file) {
    char name[NAME_BYTES];
    struct stat status;
    return fstatat(spool->folder, name_of(file, name), &status, 0) == 0 ? (uint64_t)status.st_size : 0;
}

static void close_file(int32_t *descriptor) {
    if (*descriptor >= 0) (void)close(*descriptor);
    *descriptor = -1;
}

static void forget_read(dalloc_file_spool_t *spool) {
    close_file(&spool->reading);
    spool->read_file = 0;
}

/* MARK: Appending */

static bool sync_folder(dalloc_file_spool_t *spool) {
    return fsync(spool->folder) == 0 || fail(spool, "write to", "the folder of the spool");
}

static bool begin(void *context, uint32_t count) {
    dalloc_file_spool_t *spool = context;
    char name[NAME_BYTES];
    if (spool->folder < 0 || spool->size + count > spool->limit) return false;
    if (spool->writing >= 0 && spool->last_size + count <= file_bytes(spool)) return true;
    if (spool->last == UINT32_MAX) return false;
    close_file(&spool->writing);
    (void)name_of(spool->last + 1U, name);
    spool->writing = openat(spool->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    if (spool->writing < 0) return fail(spool, "make", name);
    spool->last++;
    spool->last_size = 0;
    return sync_folder(spool);
}

static bool append(void *context, const uint8_t *bytes, uint32_t count) {
    dalloc_file_spool_t *spool = context;
    char name[NAME_BYTES];
    while (count > 0) {
        ssize_t written = write(spool->writing, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            if (written == 0) errno = ENOSPC;
            (void)fail(spool, "write to", name_of(spool->last, name));
            /* What is there of the part stays; the next one begins a file. */
            close_file(&spool->writing);
            return false;
        }
        spool->last_size += (uint64_t)written;
        spool->length += (uint64_t)written;
        spool->size += (uint64_t)written;
        bytes += written;
        count -= (uint32_t)written;
    }
    return true;
}

static bool end(void *context) {
    dalloc_file_spool_t *spool = context;
    char name[NAME_BYTES];
    if (fdatasync(spool->writing) == 0) return true;
    (void)fail(spool, "write to", name_of(spool->last, name));
    close_file(&spool->writing);
    return false;
}

/* MARK: Reading */

/* Opens the file with the byte at `place`, counted from the beginning of the oldest file. False when there is none. */
static bool seek_file(dalloc_file_spool_t *spool, uint64_t place) {
    uint64_t start = 0, size;
    uint32_t file = spool->first;
    char name[NAME_BYTES];
    if (spool->read_file == spool->last) spool->read_size = spool->last_size;
    if (spool->read_file != 0 && place >= spool->read_start) {
        if (place < spool->read_start + spool->read_size) return true;
        start = spool->read_start;
        file = spool->read_file;
    }
    for (;; file++, start += size) {
        if (file > spool->last || file < spool->first) return false;
        size = file == spool->last ? spool->last_size : size_of(spool, file);
        if (place < start + size) break;
    }
    forget_read(spool);
    spool->reading = openat(spool->folder, name_of(file, name), O_RDONLY | O_CLOEXEC);
    if (spool->reading < 0) return fail(spool, "read", name);
    spool->read_file = file;
    spool->read_start = start;
    spool->read_size = size;
    return true;
}

static int32_t read_bytes(void *context, uint32_t offset, uint8_t *bytes, uint32_t count) {
    dalloc_file_spool_t *spool = context;
    uint64_t place = spool->dropped + offset;
    char name[NAME_BYTES];
    if (spool->folder < 0 || offset >= spool->length) return 0;
    if (!seek_file(spool, place)) return -1;
    uint64_t left = spool->read_start + spool->read_size - place;
    if (count > left) count = (uint32_t)left;
    ssize_t got = pread(spool->reading, bytes, count, (off_t)(place - spool->read_start));
    if (got > 0) return (int32_t)got;
    if (got < 0 && errno == EINTR) return -1;
    if (got < 0) (void)fail(spool, "read", name_of(spool->read_file, name));
    /* The disk has lost these bytes. */
    memset(bytes, 0, count);
    return (int32_t)count;
}

static void drop(void *context, uint32_t count) {
    dalloc_file_spool_t *spool = context;
    char name[NAME_BYTES];
    if (spool->folder < 0) return;
    spool->length -= count < spool->length ? count : spool->length;
    spool->dropped += count;
    while (spool->first <= spool->last) {
        bool is_last = spool->first == spool->last;
        uint64_t size = is_last ? spool->last_size : size_of(spool, spool->first);
        if (spool->dropped < size) return;
        forget_read(spool);
        if (is_last) close_file(&spool->writing);
        if (unlinkat(spool->folder, name_of(spool->first, name), 0) != 0) (void)fail(spool, "remove", name);
        spool->dropped -= size;
        spool->size -= size;
        spool->first++;
    }
    spool->dropped = 0;
}

/* MARK: Opening */

/* Cuts a file after its last zero, which ends its last whole frame. */
static bool cut(dalloc_file_spool_t *spool, uint32_t file, uint64_t *size) {
    uint8_t bytes[PIECE];
    char name[NAME_BYTES];
    int descriptor = openat(spool->folder, name_of(file, name), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return fail(spool, "open", name);
    struct stat status;
    bool is_good = fstat(descriptor, &status) == 0;
    uint64_t end = is_good ? (uint64_t)status.st_size : 0;
    while (end > 0 && is_good) {
        uint64_t start = end > PIECE ? end - PIECE : 0;
        ssize_t got = pread(descriptor, bytes, (size_t)(end - start), (off_t)start);
        if (got != (ssize_t)(end - start)) {
            is_good = false;
            break;
        }
        while (end > start && bytes[end - start - 1U] != 0) end--;
        if (end > start) break;
    }
    if (is_good && end < (uint64_t)status.st_size) is_good = ftruncate(descriptor, (off_t)end) == 0;
    if (!is_good) (void)fail(spool, "read", name);
    *size = end;
    (void)close(descriptor);
    return is_good;
}

/* The files from `first` to `last` without a hole: what comes before one is older than it, and was dropped. */
static bool find_files(dalloc_file_spool_t *spool) {
    int copy = openat(spool->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = copy >= 0 ? fdopendir(copy) : NULL;
    if (folder == NULL) {
        if (copy >= 0) (void)close(copy);
        return fail(spool, "read", "the folder of the spool");
    }
    uint32_t lowest = UINT32_MAX, highest = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        uint32_t file = number_of(entry->d_name);
        if (file == 0) continue;
        if (file < lowest) lowest = file;
        if (file > highest) highest = file;
    }
    (void)closedir(folder);
    spool->first = highest == 0 ? 1 : lowest;
    spool->last = highest;
    for (uint32_t file = spool->first; file <= spool->last && file != 0; file++) {
        char name[NAME_BYTES];
        if (faccessat(spool->folder, name_of(file, name), F_OK, 0) != 0) continue;
        if (!cut(spool, file, &spool->last_size)) return false;
        spool->length += spool->last_size;
    }
    spool->size = spool->length;
    return true;
}

bool dalloc_file_spool_open(dalloc_file_spool_t *spool, const char *folder, uint64_t bytes) {
    memset(spool, 0, sizeof *spool);
    spool->folder = spool->writing = spool->reading = -1;
    spool->limit = bytes;
    spool->functions.context = spool;
    spool->functions.begin = begin;
    spool->functions.append = append;
    spool->functions.end = end;
    spool->functions.read = read_bytes;
    spool->functions.drop = drop;
    errno = EINVAL;
    if (folder == NULL || folder[0] == 0) return fail(spool, "open", "a spool without a folder: give one");
    if (bytes < 16384U || bytes > 4000000000U) return fail(spool, "open", "a spool that is not of 16384 to 4000000000 bytes");
    if (mkdir(folder, 0755) != 0 && errno != EEXIST) return fail(spool, "make", folder);
    spool->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (spool->folder < 0) return fail(spool, "open", folder);
    if (flock(spool->folder, LOCK_EX | LOCK_NB) != 0) {
        spool->cause = errno;
        (void)snprintf(spool->error, sizeof spool->error, "another process has the spool %s: give each a folder of its own", folder);
    } else if (find_files(spool)) {
        return true;
    }
    dalloc_file_spool_close(spool);
    return false;
}

void dalloc_file_spool_close(dalloc_file_spool_t *spool) {
    if (spool == NULL) return;
    forget_read(spool);
    close_file(&spool->writing);
    close_file(&spool->folder);
}

const char *dalloc_file_spool_error(const dalloc_file_spool_t *spool) { return spool != NULL ? spool->error : ""; }
