/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload_line.c - a file, or a TCP connection to a collector. Programs close descriptors that they don't know, and open others with
 * the same numbers. So before each use it is looked whether the descriptor is still ours; when it isn't, we open another.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dalloc_posix_link.h"
#include "preload.h"

static int file = -1;
static char file_path[PATH_MAX]; /* from the root: the program may change its folder */
static struct stat file_identity;
static dalloc_posix_link_t connection;
static dalloc_link_t connection_link; /* what is asked for it */
static struct stat connection_identity;
static uint32_t connections_known;
static char host[256];
static uint16_t port;
static bool may_connect;
static bool was_up;

int dalloc_preload_message(const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof text - 1) length = (int)sizeof text - 1;
    if (length > 0) length = (int)write(STDERR_FILENO, text, (size_t)length);
    return length;
}

static bool is_same(int descriptor, const struct stat *identity) {
    struct stat now;
    return fstat(descriptor, &now) == 0 && now.st_dev == identity->st_dev && now.st_ino == identity->st_ino;
}

/* MARK: A file */

static bool open_path(void) {
    file = open(file_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0) return false;
    /* Out of the way of programs that count on the numbers of their own. */
    int higher = fcntl(file, F_DUPFD_CLOEXEC, 512);
    if (higher >= 0) {
        (void)close(file);
        file = higher;
    }
    return fstat(file, &file_identity) == 0;
}

static int32_t write_to_file(void *context, const uint8_t *bytes, uint32_t count) {
    static bool is_told;
    (void)context;
    ssize_t written = is_same(file, &file_identity) || open_path() ? write(file, bytes, count) : -1;
    if (written < 0 && errno != EINTR && errno != EAGAIN && !is_told) {
        is_told = true;
        (void)dalloc_preload_message("dalloc-preload: can't write to %s: %s\n", file_path, strerror(errno));
    }
    return written < 0 ? 0 : (int32_t)written;
}

static bool open_file(const char *path, dalloc_link_t *link) {
    size_t length = 0;
    if (path[0] != '/') {
        if (getcwd(file_path, sizeof file_path / 2) == NULL) file_path[0] = 0;
        length = strlen(file_path);
        file_path[length++] = '/';
    }
    (void)snprintf(file_path + length, sizeof file_path - length, "%s", path);
    bool is_open = open_path();
    if (is_open && flock(file, LOCK_EX | LOCK_NB) != 0) {
        /* The process that started this one records into it. */
        (void)close(file);
        length = strlen(file_path);
        (void)snprintf(file_path + length, sizeof file_path - length, ".%ld", (long)getpid());
        is_open = open_path();
    }
    /* A zero ends what a process before this one may have left unfinished. */
    if (!is_open || write(file, "", 1) != 1) {
        (void)dalloc_preload_message("dalloc-preload: can't write to %s: %s\n", file_path, strerror(errno));
        return false;
    }
    *link = (dalloc_link_t){0};
    link->write = write_to_file;
    return true;
}

/* MARK: A collector */

static bool is_up(void *context) {
    (void)context;
    if (!may_connect) return was_up;
    was_up = connection_link.is_up(connection_link.context);
    if (was_up && connections_known != connection.connections) {
        connections_known = connection.connections;
        (void)fstat(connection.descriptor, &connection_identity);
    }
    return was_up;
}

/* The agent sends again what was not acknowledged. */
static bool is_ours(void) {
    if (is_same(connection.descriptor, &connection_identity)) return true;
    was_up = false;
    connections_known = 0;
    connection_link = dalloc_tcp_link(&connection, host, port);
    return false;
}

static int32_t write_to_connection(void *context, const uint8_t *bytes, uint32_t count) {
    (void)context;
    return is_ours() ? connection_link.write(connection_link.context, bytes, count) : -1;
}

static int32_t read_from_connection(void *context, uint8_t *bytes, uint32_t count) {
    (void)context;
    return is_ours() ? connection_link.read(connection_link.context, bytes, count) : -1;
}

static void reset_connection(void *context) {
    (void)context;
    if (was_up && !is_ours()) return;
    was_up = false;
    connection_link.reset(connection_link.context);
}

static bool open_connection(const char *target, dalloc_link_t *link) {
    const char *colon = strrchr(target, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon - target);
    if (length > 2 && target[0] == '[' && target[length - 1] == ']') target++, length -= 2;
    char *end = NULL;
    long number = colon == NULL ? 0 : strtol(colon + 1, &end, 10);
    if (length == 0 || length >= sizeof host || number < 1 || number > 65535 || *end != 0) return false;
    memcpy(host, target, length);
    host[length] = 0;
    port = (uint16_t)number;
    connection_link = dalloc_tcp_link(&connection, host, port);
    *link = (dalloc_link_t){0};
    link->is_up = is_up;
    link->write = write_to_connection;
    link->read = read_from_connection;
    link->reset = reset_connection;
    return true;
}

/* MARK: Either */

bool preload_line_open(const char *target, dalloc_link_t *link) {
    if (strncmp(target, "file:", 5) == 0 && target[5] != 0) return open_file(target + 5, link);
    if (strncmp(target, "tcp://", 6) == 0 && open_connection(target + 6, link)) return true;
    (void)dalloc_preload_message("dalloc-preload: DALLOC_PRELOAD is %s: set it to tcp://HOST:PORT or file:PATH\n", target);
    return false;
}

bool preload_line_is_file(void) { return file >= 0; }

void preload_line_may_connect(bool may) { may_connect = may; }

void preload_line_forget(void) {
    if (file >= 0 && is_same(file, &file_identity)) (void)close(file);
    if (was_up && is_same(connection.descriptor, &connection_identity)) (void)close(connection.descriptor);
    file = -1;
    was_up = false;
    connections_known = 0;
}
