/* SPDX-License-Identifier: Apache-2.0 */
#include "page_guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Checksums ---- */

/* Each step is a bijection of the lane and of the word, so one changed word always changes the result. */
static uint64_t mix(uint64_t lane, uint64_t word) {
    lane = (lane ^ word) * 0x9E3779B97F4A7C15u;
    return lane << 31 | lane >> 33;
}

static uint64_t word_at(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

uint64_t page_guard_checksum(const uint8_t *page, uint64_t number) {
    /* Four lanes, which a processor works on at once. None starts at 0: a page of zeros is no page. */
    uint64_t lanes[4] = {0x64616C6C6F63u ^ number, 0x67756172u, 0x70616765u, 0x646174u};
    const int words = (PAGE_GUARD_PAGE - PAGE_GUARD_RESERVED) / 8;
    int index = 0;
    for (; index + 4 <= words; index += 4)
        for (int lane = 0; lane < 4; lane++) lanes[lane] = mix(lanes[lane], word_at(page + (index + lane) * 8));
    for (; index < words; index++) lanes[index & 3] = mix(lanes[index & 3], word_at(page + index * 8));
    return mix(lanes[0], 1) ^ mix(lanes[1], 2) ^ mix(lanes[2], 3) ^ mix(lanes[3], 4);
}

/* ---- What is known of a file, for all connections of the process ---- */

/* https://www.sqlite.org/fileformat2.html#walformat: a header, then frames of a header and a page. */
enum { LOG_HEADER = 32, FRAME_HEADER = 24, FRAME = FRAME_HEADER + PAGE_GUARD_PAGE };

typedef struct known_file {
    struct known_file *next;
    char *path;
    int users;
    pthread_mutex_t lock;
    /* Of a database: how long it is by what was written to it. */
    sqlite3_int64 size;
    /* Of a log: the checksum of each frame's page; 0 where nothing is known. */
    uint64_t *sums;
    sqlite3_int64 count;
} known_file;

static pthread_mutex_t files_lock = PTHREAD_MUTEX_INITIALIZER;
static known_file *files;

static known_file *join(const char *path) {
    pthread_mutex_lock(&files_lock);
    known_file *log = files;
    while (log != NULL && strcmp(log->path, path) != 0) log = log->next;
    if (log == NULL) {
        log = calloc(1, sizeof *log);
        char *copy = strdup(path);
        if (log == NULL || copy == NULL) {
            free(log);
            free(copy);
            log = NULL;
        } else {
            log->path = copy;
            pthread_mutex_init(&log->lock, NULL);
            log->next = files;
            files = log;
        }
    }
    if (log != NULL) log->users++;
    pthread_mutex_unlock(&files_lock);
    return log;
}

static void leave(known_file *log) {
    if (log == NULL) return;
    pthread_mutex_lock(&files_lock);
    if (--log->users == 0) {
        for (known_file **place = &files; *place != NULL; place = &(*place)->next) {
            if (*place != log) continue;
            *place = log->next;
            break;
        }
        pthread_mutex_destroy(&log->lock);
        free(log->sums);
        free(log->path);
        free(log);
    }
    pthread_mutex_unlock(&files_lock);
}

/* The first connection finds out how long the database is. */
static void begin(known_file *file, sqlite3_int64 size) {
    pthread_mutex_lock(&file->lock);
    if (file->size == 0) file->size = size;
    pthread_mutex_unlock(&file->lock);
}

static void grow(known_file *file, sqlite3_int64 size) {
    pthread_mutex_lock(&file->lock);
    if (file->size < size) file->size = size;
    pthread_mutex_unlock(&file->lock);
}

static void cut(known_file *file, sqlite3_int64 size) {
    pthread_mutex_lock(&file->lock);
    file->size = size;
    pthread_mutex_unlock(&file->lock);
}

static sqlite3_int64 length(known_file *file) {
    if (file == NULL) return 0;
    pthread_mutex_lock(&file->lock);
    sqlite3_int64 size = file->size;
    pthread_mutex_unlock(&file->lock);
    return size;
}

/* Without memory for a sum, its frame is not compared. */
static void note(known_file *log, sqlite3_int64 frame, uint64_t sum) {
    pthread_mutex_lock(&log->lock);
    if (frame >= log->count) {
        sqlite3_int64 count = frame + 1 + log->count / 2;
        uint64_t *sums = realloc(log->sums, (size_t)count * sizeof *sums);
        if (sums != NULL) {
            memset(sums + log->count, 0, (size_t)(count - log->count) * sizeof *sums);
            log->sums = sums;
            log->count = count;
        }
    }
    if (frame < log->count) log->sums[frame] = sum;
    pthread_mutex_unlock(&log->lock);
}

static uint64_t known(known_file *log, sqlite3_int64 frame) {
    pthread_mutex_lock(&log->lock);
    uint64_t sum = frame < log->count ? log->sums[frame] : 0;
    pthread_mutex_unlock(&log->lock);
    return sum;
}

static void forget_from(known_file *log, sqlite3_int64 bytes) {
    sqlite3_int64 first = bytes <= LOG_HEADER ? 0 : (bytes - LOG_HEADER + FRAME - 1) / FRAME;
    pthread_mutex_lock(&log->lock);
    for (sqlite3_int64 frame = first; frame < log->count; frame++) log->sums[frame] = 0;
    pthread_mutex_unlock(&log->lock);
}

static void forget_range(known_file *log, sqlite3_int64 first, sqlite3_int64 last) {
    pthread_mutex_lock(&log->lock);
    for (sqlite3_int64 frame = first < 0 ? 0 : first; frame <= last && frame < log->count; frame++) log->sums[frame] = 0;
    pthread_mutex_unlock(&log->lock);
}

/* The number of the frame whose page begins at `offset`; -1 when none does. */
static sqlite3_int64 frame_at(sqlite3_int64 offset) {
    sqlite3_int64 rest = offset - LOG_HEADER - FRAME_HEADER;
    return rest >= 0 && rest % FRAME == 0 ? rest / FRAME : -1;
}

static void note_write(known_file *log, const void *bytes, int amount, sqlite3_int64 offset) {
    sqlite3_int64 frame = amount == PAGE_GUARD_PAGE ? frame_at(offset) : -1;
    if (frame >= 0) {
        note(log, frame, page_guard_checksum(bytes, 0));
    } else if (offset >= LOG_HEADER && amount > 0) {
        /* The header of a frame, whose page comes next, or a page in parts. */
        forget_range(log, (offset - LOG_HEADER) / FRAME, (offset - LOG_HEADER + amount - 1) / FRAME);
    }
}

/* ---- Files ---- */

typedef struct guarded_file {
    sqlite3_file base;
    enum { DATABASE, LOG } kind;
    /* The header says that pages have checksums. */
    int has_sums;
    known_file *known;
} guarded_file;

static sqlite3_file *below(sqlite3_file *file) { return (sqlite3_file *)((guarded_file *)file + 1); }

static void read_header(guarded_file *file, const uint8_t *bytes, int amount, sqlite3_int64 offset) {
    if (offset != 0 || amount < 100 || memcmp(bytes, "SQLite format 3", 16) != 0) return;
    file->has_sums = bytes[20] == PAGE_GUARD_RESERVED && bytes[16] == PAGE_GUARD_PAGE >> 8 && bytes[17] == 0;
}

static int guard_close(sqlite3_file *file) {
    leave(((guarded_file *)file)->known);
    ((guarded_file *)file)->known = NULL;
    return below(file)->pMethods->xClose(below(file));
}

/* Whether a page without a checksum may be one that was written to the log, and brought here by somebody else's SQLite: whoever closes a
 * database last empties its log, also when he has only read. The bytes of the checksum are 0 in the log. A page of zeros is none. */
static int is_from_log(const uint8_t *page) {
    if (word_at(page + PAGE_GUARD_PAGE - PAGE_GUARD_RESERVED) != 0) return 0;
    for (int index = 0; index < PAGE_GUARD_PAGE; index++) {
        if (page[index] != 0) return 1;
    }
    return 0;
}

static int read_database(guarded_file *file, void *bytes, int amount, sqlite3_int64 offset, int result) {
    if (result == SQLITE_OK) read_header(file, bytes, amount, offset);
    if (!file->has_sums || amount != PAGE_GUARD_PAGE || offset % PAGE_GUARD_PAGE != 0) return result;
    /* Pages after the end are not written yet, or free; those before it were cut off. */
    if (result == SQLITE_IOERR_SHORT_READ) return offset + amount > length(file->known) ? result : SQLITE_IOERR_DATA;
    if (result != SQLITE_OK) return result;
    uint8_t *stored = (uint8_t *)bytes + PAGE_GUARD_PAGE - PAGE_GUARD_RESERVED;
    if (page_guard_checksum(bytes, (uint64_t)(offset / PAGE_GUARD_PAGE)) == word_at(stored)) {
        /* So that the page has none in the log, where it would soon be wrong. */
        memset(stored, 0, sizeof(uint64_t));
        return result;
    }
    if (is_from_log(bytes)) return result;
    sqlite3_log(SQLITE_IOERR_DATA, "page %lld has changed on the disk", offset / PAGE_GUARD_PAGE + 1);
    return SQLITE_IOERR_DATA;
}

static int read_log(guarded_file *file, void *bytes, int amount, sqlite3_int64 offset, int result) {
    if (result != SQLITE_OK || file->known == NULL) return result;
    const uint8_t *page = bytes;
    if (amount == FRAME) {
        /* Recovery: SQLite checks the frame itself. */
        sqlite3_int64 frame = frame_at(offset + FRAME_HEADER);
        if (frame >= 0) note(file->known, frame, page_guard_checksum(page + FRAME_HEADER, 0));
        return result;
    }
    sqlite3_int64 frame = amount == PAGE_GUARD_PAGE ? frame_at(offset) : -1;
    uint64_t sum = frame >= 0 ? known(file->known, frame) : 0;
    if (sum == 0 || sum == page_guard_checksum(page, 0)) return result;
    sqlite3_log(SQLITE_IOERR_DATA, "frame %lld of the log has changed on the disk", frame + 1);
    return SQLITE_IOERR_DATA;
}

static int guard_read(sqlite3_file *file, void *bytes, int amount, sqlite3_int64 offset) {
    guarded_file *guarded = (guarded_file *)file;
    int result = below(file)->pMethods->xRead(below(file), bytes, amount, offset);
    return guarded->kind == LOG ? read_log(guarded, bytes, amount, offset, result)
                                : read_database(guarded, bytes, amount, offset, result);
}

static int guard_write(sqlite3_file *file, const void *bytes, int amount, sqlite3_int64 offset) {
    guarded_file *guarded = (guarded_file *)file;
    sqlite3_file *real = below(file);
    if (guarded->kind == LOG) {
        if (guarded->known != NULL) note_write(guarded->known, bytes, amount, offset);
        return real->pMethods->xWrite(real, bytes, amount, offset);
    }
    read_header(guarded, bytes, amount, offset);
    if (guarded->known != NULL) grow(guarded->known, offset + amount);
    if (!guarded->has_sums || amount != PAGE_GUARD_PAGE || offset % PAGE_GUARD_PAGE != 0)
        return real->pMethods->xWrite(real, bytes, amount, offset);
    uint8_t page[PAGE_GUARD_PAGE];
    memcpy(page, bytes, sizeof page);
    uint64_t sum = page_guard_checksum(page, (uint64_t)(offset / PAGE_GUARD_PAGE));
    memcpy(page + PAGE_GUARD_PAGE - PAGE_GUARD_RESERVED, &sum, sizeof sum);
    return real->pMethods->xWrite(real, page, amount, offset);
}

static int guard_truncate(sqlite3_file *file, sqlite3_int64 size) {
    guarded_file *guarded = (guarded_file *)file;
    if (guarded->known != NULL && guarded->kind == LOG) forget_from(guarded->known, size);
    if (guarded->known != NULL && guarded->kind == DATABASE) cut(guarded->known, size);
    return below(file)->pMethods->xTruncate(below(file), size);
}

static int guard_sync(sqlite3_file *file, int flags) { return below(file)->pMethods->xSync(below(file), flags); }
static int guard_size(sqlite3_file *file, sqlite3_int64 *size) {
    return below(file)->pMethods->xFileSize(below(file), size);
}
static int guard_lock(sqlite3_file *file, int level) { return below(file)->pMethods->xLock(below(file), level); }
static int guard_unlock(sqlite3_file *file, int level) { return below(file)->pMethods->xUnlock(below(file), level); }
static int guard_reserved(sqlite3_file *file, int *held) {
    return below(file)->pMethods->xCheckReservedLock(below(file), held);
}
static int guard_control(sqlite3_file *file, int code, void *argument) {
    /* Pages that are mapped into memory would not be read through here. */
    if (code == SQLITE_FCNTL_MMAP_SIZE) {
        *(sqlite3_int64 *)argument = 0;
        return SQLITE_OK;
    }
    return below(file)->pMethods->xFileControl(below(file), code, argument);
}
static int guard_sector(sqlite3_file *file) { return below(file)->pMethods->xSectorSize(below(file)); }
static int guard_device(sqlite3_file *file) { return below(file)->pMethods->xDeviceCharacteristics(below(file)); }
static int guard_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **memory) {
    return below(file)->pMethods->xShmMap(below(file), region, size, extend, memory);
}
static int guard_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
}
static void guard_shm_barrier(sqlite3_file *file) { below(file)->pMethods->xShmBarrier(below(file)); }
static int guard_shm_unmap(sqlite3_file *file, int remove) {
    return below(file)->pMethods->xShmUnmap(below(file), remove);
}

static const sqlite3_io_methods methods = {
    2,           guard_close,   guard_read,    guard_write,    guard_truncate, guard_sync,        guard_size,      guard_lock,
    guard_unlock, guard_reserved, guard_control, guard_sector, guard_device,   guard_shm_map,     guard_shm_lock,  guard_shm_barrier,
    guard_shm_unmap, NULL, NULL};

/* ---- The VFS: everything but opening is the system's ---- */

static sqlite3_vfs *system_vfs;

static int guard_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    guarded_file *guarded = (guarded_file *)file;
    if (path == NULL || (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0)
        return system_vfs->xOpen(system_vfs, path, file, flags, out);
    memset(guarded, 0, sizeof *guarded);
    int result = system_vfs->xOpen(system_vfs, path, below(file), flags, out);
    if (result != SQLITE_OK) return result;
    guarded->kind = (flags & SQLITE_OPEN_WAL) != 0 ? LOG : DATABASE;
    guarded->known = join(path);
    sqlite3_int64 size;
    if (guarded->kind == DATABASE && guarded->known != NULL
        && below(file)->pMethods->xFileSize(below(file), &size) == SQLITE_OK)
        begin(guarded->known, size);
    guarded->base.pMethods = &methods;
    return SQLITE_OK;
}

static int guard_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    (void)vfs;
    return system_vfs->xDelete(system_vfs, path, sync);
}
static int guard_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    (void)vfs;
    return system_vfs->xAccess(system_vfs, path, flags, result);
}
static int guard_full_path(sqlite3_vfs *vfs, const char *path, int size, char *full) {
    (void)vfs;
    return system_vfs->xFullPathname(system_vfs, path, size, full);
}
static int guard_last_error(sqlite3_vfs *vfs, int size, char *words) {
    (void)vfs;
    return system_vfs->xGetLastError != NULL ? system_vfs->xGetLastError(system_vfs, size, words) : 0;
}

static sqlite3_vfs guard;

static int install(void) {
    sqlite3_vfs *found = sqlite3_vfs_find(NULL);
    if (found == NULL) return SQLITE_ERROR;
    if (found == &guard) return SQLITE_OK;
    system_vfs = found;
    /* Randomness, sleep, time and the rest take no notice of which VFS asks. */
    guard = *found;
    guard.szOsFile = found->szOsFile + (int)sizeof(guarded_file);
    guard.pNext = NULL;
    guard.zName = "dalloc-page-guard";
    guard.xOpen = guard_open;
    guard.xDelete = guard_delete;
    guard.xAccess = guard_access;
    guard.xFullPathname = guard_full_path;
    guard.xGetLastError = guard_last_error;
    return sqlite3_vfs_register(&guard, 1);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int installed = SQLITE_ERROR;

static void install_once(void) { installed = install(); }

int page_guard_install(void) {
    pthread_once(&once, install_once);
    return installed;
}

page_guard_state page_guard_look(const char *path) {
    uint8_t page[PAGE_GUARD_PAGE];
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return access(path, F_OK) == 0 ? PAGE_GUARD_UNREADABLE : PAGE_GUARD_ABSENT;
    ssize_t count = pread(descriptor, page, sizeof page, 0);
    close(descriptor);
    if (count < 0) return PAGE_GUARD_UNREADABLE;
    if (count == 0) return PAGE_GUARD_ABSENT;
    if (count < PAGE_GUARD_PAGE) {
        const bool is_sqlite = count >= 512 && memcmp(page, "SQLite format 3", 16) == 0;
        return is_sqlite ? PAGE_GUARD_UNGUARDED : PAGE_GUARD_DAMAGED;
    }
    uint64_t sum = word_at(page + PAGE_GUARD_PAGE - PAGE_GUARD_RESERVED);
    if (sum == page_guard_checksum(page, 0)) return PAGE_GUARD_SOUND;
    if (page[20] == PAGE_GUARD_RESERVED && memcmp(page, "SQLite format 3", 16) == 0 && is_from_log(page)) return PAGE_GUARD_SOUND;
    /* The bytes that say whether there are checksums may be those that changed. */
    if (memcmp(page, "SQLite format 3", 16) != 0 || page[20] == PAGE_GUARD_RESERVED) return PAGE_GUARD_DAMAGED;
    page[20] = PAGE_GUARD_RESERVED;
    return sum == page_guard_checksum(page, 0) ? PAGE_GUARD_DAMAGED : PAGE_GUARD_UNGUARDED;
}
