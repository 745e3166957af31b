/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_file_spool.h
 * @brief A spool of the dalloc agent on Linux: a folder of files, which outlives the process and a loss of power.
 *
 * @code{.c}
 * #include "dalloc_file_spool.h"
 * #include "dalloc_posix_link.h"
 *
 * #include <poll.h>
 * #include <stdio.h>
 *
 * DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
 * static uint8_t memory[8192] __attribute__((aligned(8)));
 * static heap_t heap;
 * static dalloc_posix_link_t line;
 * static dalloc_file_spool_t spool;
 * static dalloc_recorder_t recorder;
 * static dalloc_agent_t agent;
 * static void *message;
 *
 * int main(void) {
 *     dalloc_agent_config_t config = {0};
 *     config.device_id = "pump-17";
 *     config.boot_id = dalloc_posix_random();
 *     config.ticks_per_second = 1000;
 *     config.now = dalloc_posix_milliseconds;
 *     config.link = dalloc_tcp_link(&line, "127.0.0.1", 7420);
 *     config.transmit_buffer = transmit_buffer;
 *     config.transmit_size = sizeof transmit_buffer;
 *     heap_init(&heap, memory, sizeof memory);
 *     if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return 1;
 *     if (!dalloc_file_spool_open(&spool, "pump-17.spool", 1000000)) {
 *         (void)fprintf(stderr, "%s\n", dalloc_file_spool_error(&spool));
 *     } else if (dalloc_agent_set_spool(&agent, &spool.functions) != DALLOC_AGENT_OK) {
 *         return 1;
 *     }
 *     if (dalloc_agent_attach(&agent, &recorder, &heap, "main") != DALLOC_AGENT_OK) return 1;
 *     for (int turn = 0; turn < 100; turn++) {
 *         dalloc(&heap, 64, &message);
 *         dfree(&heap, &message, USING_PTR_ADDRESS);
 *         dalloc_agent_poll(&agent);
 *         poll(NULL, 0, 10);
 *     }
 *     dalloc_agent_deinit(&agent);
 *     dalloc_file_spool_close(&spool);
 *     dalloc_posix_link_close(&line);
 *     return 0;
 * }
 * @endcode
 *
 * The folder has files 00000001.heapwire, 00000002.heapwire and so on, of about 64 KB or a sixteenth of the limit; the oldest goes when
 * all of it is on the collector's disk. Each is a stream of its own for
 * `dalloc-collector ingest FILE`. A process that is killed loses nothing that was spooled. A loss of power neither: a part is on disk
 * (fdatasync) before the agent forgets its frames.
 *
 * Use a spool from the thread that polls. One process at a time has a folder; another one is refused.
 */
#ifndef DALLOC_FILE_SPOOL_H
#define DALLOC_FILE_SPOOL_H

#include "dalloc_agent.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes for the message of dalloc_file_spool_error, with its final zero; longer ones are cut. */
#define DALLOC_FILE_SPOOL_ERROR_BYTES 192

/** A spool: a variable of yours, which need not be initialised. Give dalloc_agent_set_spool its `functions`; read its other fields,
 * write none. It must stay where it is until dalloc_agent_deinit and dalloc_file_spool_close. */
typedef struct {
    dalloc_spool_t functions; /**< what dalloc_agent_set_spool takes */
    uint64_t length;          /**< bytes that are kept and not dropped */
    uint64_t limit;           /**< the most bytes of all files together */
    uint64_t dropped;         /**< bytes that were dropped of the oldest file */
    uint64_t size;            /**< bytes of all files together */
    uint32_t first;           /**< number of the oldest file */
    uint32_t last;            /**< number of the newest one; less than `first` when there is none */
    uint32_t read_file;       /**< number of the file that is open for reading, 0: none; the library's own */
    uint64_t read_start;      /**< where it begins, in bytes after the oldest byte of the oldest file; the library's own */
    uint64_t read_size;       /**< bytes of it; the library's own */
    uint64_t last_size;       /**< bytes of the newest file; the library's own */
    int32_t folder;           /**< descriptor of the folder; -1: closed */
    int32_t writing;          /**< descriptor of the newest file, -1: it is not open for appending; the library's own */
    int32_t reading;          /**< descriptor of `read_file`; the library's own */
    int32_t cause;            /**< errno of the last failure, 0: none yet */
    char error[DALLOC_FILE_SPOOL_ERROR_BYTES]; /**< see dalloc_file_spool_error */
} dalloc_file_spool_t;

/**
 * @brief Opens a spool, with what an earlier process has left in it.
 *
 * A file that was cut off by a crash is cut after its last whole frame. Files of other names are left alone.
 *
 * @param[out] spool  the spool
 * @param folder      path of the folder; it is made where there is none, the ones above it are not
 * @param bytes       the most that the files may take, 16384 to 4000000000. When it is reached, new frames are not kept (see
 *                    dalloc_agent_spool.h); nothing that is kept is given up for them
 * @return true when it is open; otherwise dalloc_file_spool_error says why not
 */
bool dalloc_file_spool_open(dalloc_file_spool_t *spool, const char *folder, uint64_t bytes);

/**
 * @brief Closes a spool; what is in it stays for the next process.
 *
 * @param spool  the spool, after dalloc_agent_deinit; NULL, and one that is closed or could not be opened, are no mistake
 */
void dalloc_file_spool_close(dalloc_file_spool_t *spool);

/**
 * @brief Why the spool could not be opened, or did not take or give bytes: the cause of the last failure.
 *
 * @param spool  the spool; NULL never failed
 * @return a sentence, which is valid as long as the spool and changes with the next failure; "" when there was none
 */
const char *dalloc_file_spool_error(const dalloc_file_spool_t *spool);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_FILE_SPOOL_H */
