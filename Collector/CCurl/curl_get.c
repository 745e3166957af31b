/*
 * curl_get.c - see curl_get.h. The numbers are those of curl/curl.h, which has promised since 2006 not to change them within libcurl.so.4;
 * so its header is not needed to build this.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE

#include "curl_get.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    OPT_WRITEDATA = 10001, OPT_URL = 10002, OPT_ERRORBUFFER = 10010, OPT_USERAGENT = 10018, OPT_HTTPHEADER = 10023,
    OPT_HEADERDATA = 10029, OPT_CUSTOMREQUEST = 10036, OPT_XFERINFODATA = 10057, OPT_CAINFO = 10065, OPT_COPYPOSTFIELDS = 10165,
    OPT_WRITEFUNCTION = 20011, OPT_POSTFIELDSIZE = 60,
    OPT_HEADERFUNCTION = 20079, OPT_XFERINFOFUNCTION = 20219, OPT_NOPROGRESS = 43, OPT_HTTP_VERSION = 84, OPT_NOSIGNAL = 99,
    OPT_CONNECTTIMEOUT_MS = 156, OPT_PROTOCOLS = 181, OPT_PATH_AS_IS = 234, OPT_SUPPRESS_CONNECT_HEADERS = 265,
    INFO_RESPONSE_CODE = 0x200002, HTTP_1_1 = 2, HTTP_OR_HTTPS = 3, GLOBAL_ALL = 3
};

typedef struct {
    int (*global_init)(long);
    void *(*easy_init)(void);
    int (*easy_setopt)(void *, int, ...);
    int (*easy_perform)(void *);
    int (*easy_getinfo)(void *, int, ...);
    void (*easy_cleanup)(void *);
    void *(*slist_append)(void *, const char *);
    void (*slist_free_all)(void *);
} library_t;

static library_t library;
static bool is_loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib"};
    void *handle = NULL;
    for (size_t number = 0; handle == NULL && number < sizeof names / sizeof *names; number++)
        handle = dlopen(names[number], RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return;
    const char *const symbols[] = {"curl_global_init", "curl_easy_init", "curl_easy_setopt", "curl_easy_perform",
                                   "curl_easy_getinfo", "curl_easy_cleanup", "curl_slist_append", "curl_slist_free_all"};
    void *found[sizeof symbols / sizeof *symbols];
    for (size_t number = 0; number < sizeof symbols / sizeof *symbols; number++) {
        found[number] = dlsym(handle, symbols[number]);
        if (found[number] == NULL) return;
    }
    /* POSIX has data and function pointers of one size. */
    memcpy(&library, found, sizeof library);
    is_loaded = library.global_init(GLOBAL_ALL) == 0;
}

/* ---- While it runs --------------------------------------------------------------------------------------------------- */

typedef struct {
    curl_get_answer_t *answer;
    size_t most;
    int64_t patience, last; /* milliseconds */
    int64_t received;
    bool is_too_large, is_silent;
} transfer_t;

static int64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* False when there is no room. A byte more than that, zero, ends it as a text. */
static bool append(uint8_t **start, size_t *size, const char *bytes, size_t count, transfer_t *transfer) {
    transfer->last = milliseconds();
    if (count > transfer->most - *size) {
        transfer->is_too_large = true;
        return false;
    }
    /* In powers of two: a call for each piece would copy all of it each time. */
    size_t old = 1;
    while (old < *size + 1) old *= 2;
    size_t room = old;
    while (room < *size + count + 1) room *= 2;
    if (*start == NULL || room > old) {
        uint8_t *larger = realloc(*start, room);
        if (larger == NULL) return false;
        *start = larger;
    }
    memcpy(*start + *size, bytes, count);
    *size += count;
    (*start)[*size] = 0;
    return true;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    transfer_t *transfer = context;
    return append(&transfer->answer->body, &transfer->answer->body_size, bytes, size * count, transfer) ? size * count : 0;
}

static size_t take_head(char *bytes, size_t size, size_t count, void *context) {
    transfer_t *transfer = context;
    /* An answer after "100 Continue" stands for itself. */
    if (size * count > 5 && memcmp(bytes, "HTTP/", 5) == 0) transfer->answer->head_size = 0;
    return append(&transfer->answer->head, &transfer->answer->head_size, bytes, size * count, transfer) ? size * count : 0;
}

/* Called at least once a second, also while nothing comes. */
static int look(void *context, int64_t to_come, int64_t received, int64_t to_send, int64_t sent) {
    transfer_t *transfer = context;
    (void)to_come;
    (void)to_send;
    if (received + sent != transfer->received) {
        transfer->received = received + sent;
        transfer->last = milliseconds();
    }
    transfer->is_silent = milliseconds() - transfer->last >= transfer->patience;
    return transfer->is_silent ? 1 : 0;
}

/* What a CURLcode means. */
static curl_get_end_t meaning(int code, const transfer_t *transfer) {
    if (transfer->is_too_large) return CURL_GET_TOO_LARGE;
    if (transfer->is_silent) return CURL_GET_SILENCE;
    switch (code) {
    case 0: return CURL_GET_DONE;
    case 5: /* of the proxy */
    case 6: return CURL_GET_UNKNOWN_HOST;
    case 7: return CURL_GET_REFUSED;
    case 28: return CURL_GET_SILENCE;
    case 8: /* no header that makes sense */
    case 52: return CURL_GET_CLOSED;
    case 56: return transfer->answer->head_size > 0 ? CURL_GET_BROKE_OFF : CURL_GET_CLOSED;
    case 18: return CURL_GET_BROKE_OFF;
    default: return CURL_GET_FAILED;
    }
}

void curl_get(const char *method, const char *url, const uint8_t *content, size_t content_size, uint32_t patience,
              size_t most, const char *authorities, curl_get_answer_t *answer) {
    memset(answer, 0, sizeof *answer);
    pthread_once(&once, load);
    void *handle = is_loaded ? library.easy_init() : NULL;
    if (handle == NULL) {
        answer->end = CURL_GET_NO_LIBRARY;
        return;
    }
    transfer_t transfer = {.answer = answer, .most = most, .patience = patience, .last = milliseconds()};
    void *headers = library.slist_append(NULL, "Accept: application/json");
    library.easy_setopt(handle, OPT_URL, url);
    if (content != NULL) {
        headers = library.slist_append(headers, "Content-Type: application/json");
        library.easy_setopt(handle, OPT_POSTFIELDSIZE, (long)content_size);
        library.easy_setopt(handle, OPT_COPYPOSTFIELDS, content);
    }
    if (strcmp(method, "GET") != 0) library.easy_setopt(handle, OPT_CUSTOMREQUEST, method);
    library.easy_setopt(handle, OPT_PROTOCOLS, (long)HTTP_OR_HTTPS);
    library.easy_setopt(handle, OPT_PATH_AS_IS, 1L);
    library.easy_setopt(handle, OPT_HTTP_VERSION, (long)HTTP_1_1);
    library.easy_setopt(handle, OPT_USERAGENT, "dalloc");
    library.easy_setopt(handle, OPT_HTTPHEADER, headers);
    library.easy_setopt(handle, OPT_NOSIGNAL, 1L);
    library.easy_setopt(handle, OPT_SUPPRESS_CONNECT_HEADERS, 1L);
    /* The greetings of TCP, a proxy and TLS. */
    library.easy_setopt(handle, OPT_CONNECTTIMEOUT_MS, (long)patience);
    library.easy_setopt(handle, OPT_NOPROGRESS, 0L);
    library.easy_setopt(handle, OPT_XFERINFOFUNCTION, look);
    library.easy_setopt(handle, OPT_XFERINFODATA, &transfer);
    library.easy_setopt(handle, OPT_HEADERFUNCTION, take_head);
    library.easy_setopt(handle, OPT_HEADERDATA, &transfer);
    library.easy_setopt(handle, OPT_WRITEFUNCTION, take_body);
    library.easy_setopt(handle, OPT_WRITEDATA, &transfer);
    library.easy_setopt(handle, OPT_ERRORBUFFER, answer->error);
    if (authorities != NULL) library.easy_setopt(handle, OPT_CAINFO, authorities);
    answer->end = meaning(library.easy_perform(handle), &transfer);
    library.easy_getinfo(handle, INFO_RESPONSE_CODE, &answer->status);
    library.easy_cleanup(handle);
    library.slist_free_all(headers);
}

void curl_get_free(curl_get_answer_t *answer) {
    free(answer->head);
    free(answer->body);
    answer->head = NULL;
    answer->body = NULL;
}
