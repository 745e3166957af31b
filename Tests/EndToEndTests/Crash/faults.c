/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into a collector: its disk and its clock fail as the test wants. The test writes into the file that DALLOC_FAULTS names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct faults {
    int64_t clock_offset;   /* seconds */
    int32_t failing_syncs;  /* 1: fsync and fdatasync fail */
    int32_t growth;         /* files of the history can't grow, for this errno; 0: they can */
    int32_t refused;        /* how often either has happened */
};

static volatile struct faults *faults;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("DALLOC_FAULTS");
    int descriptor = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0) return;
    void *memory = mmap(NULL, sizeof(struct faults), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (memory != MAP_FAILED) faults = memory;
}

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

static int refuse(int error) {
    __sync_fetch_and_add(&faults->refused, 1);
    errno = error;
    return -1;
}

/* Only files count, and only where they would become longer. */
static int is_refused(int descriptor, off_t end) {
    struct stat status;
    if (faults == NULL || faults->growth == 0 || fstat(descriptor, &status) != 0) return 0;
    if (!S_ISREG(status.st_mode) || end <= status.st_size) return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, ".sqlite") != NULL && strstr(path, "-shm") == NULL;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (real == NULL) real = next("pwrite64");
    if (is_refused(descriptor, offset + (off_t)count)) return refuse(faults->growth);
    return real(descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return pwrite64(descriptor, bytes, count, offset);
}

int posix_fallocate(int descriptor, off_t offset, off_t length) {
    static int (*real)(int, off_t, off_t);
    if (real == NULL) real = next("posix_fallocate");
    if (is_refused(descriptor, offset + length)) return faults->growth;
    return real(descriptor, offset, length);
}

int fdatasync(int descriptor) {
    static int (*real)(int);
    if (real == NULL) real = next("fdatasync");
    if (faults != NULL && faults->failing_syncs) return refuse(EIO);
    return real(descriptor);
}

int fsync(int descriptor) {
    static int (*real)(int);
    if (real == NULL) real = next("fsync");
    if (faults != NULL && faults->failing_syncs) return refuse(EIO);
    return real(descriptor);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL) real = next("clock_gettime");
    int result = real(clock, time);
    if (result == 0 && faults != NULL && clock == CLOCK_REALTIME) time->tv_sec += faults->clock_offset;
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    static int (*real)(struct timeval *, void *);
    if (real == NULL) real = next("gettimeofday");
    int result = real(time, zone);
    if (result == 0 && faults != NULL) time->tv_sec += faults->clock_offset;
    return result;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result != NULL) *result = now.tv_sec;
    return now.tv_sec;
}
