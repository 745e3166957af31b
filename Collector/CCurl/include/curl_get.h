/*
 * curl_get.h - one question through the system's libcurl, which is loaded when it is needed: for HTTPS, and through a proxy.
 *
 * Its calls sleep in poll() while there is nothing to do. Foundation's URLSession, which stands on the same library, hears that it may
 * write for as long as a connection lasts, and takes a whole core for it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CURL_GET_H
#define CURL_GET_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    CURL_GET_DONE = 0,
    CURL_GET_NO_LIBRARY,   /* there is no libcurl on this machine */
    CURL_GET_UNKNOWN_HOST,
    CURL_GET_REFUSED,
    CURL_GET_SILENCE,      /* nothing came for as long as was to be waited */
    CURL_GET_CLOSED,       /* the connection ended without an answer */
    CURL_GET_BROKE_OFF,    /* it ended within one */
    CURL_GET_TOO_LARGE,
    CURL_GET_FAILED        /* something else: `error` says what */
} curl_get_end_t;

typedef struct {
    curl_get_end_t end;
    long status;         /* of HTTP */
    uint8_t *head;       /* the header lines of the answer, with their ends */
    size_t head_size;
    uint8_t *body;
    size_t body_size;
    char error[256];     /* libcurl's own words */
} curl_get_answer_t;

/* Asks and waits. `method` is GET or another one; `content` is its body, JSON of `content_size` bytes, or NULL for none. `patience` is
 * milliseconds of silence; `most` bytes that a head or a body of an answer may have. `authorities` is a file of certificates to trust
 * instead of the system's, or NULL. What it gives is freed by curl_get_free. */
void curl_get(const char *method, const char *url, const uint8_t *content, size_t content_size, uint32_t patience,
              size_t most, const char *authorities, curl_get_answer_t *answer);
void curl_get_free(curl_get_answer_t *answer);

#endif
