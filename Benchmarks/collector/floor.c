/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor of storing: the same number of bytes, in rows of the same size and as many to a transaction, into one table of SQLite,
 * from one thread that does nothing else.
 *
 *   floor DATABASE ROWS BYTES ROWS_PER_COMMIT     prints the seconds that it took
 *
 * As the collector has it: write-ahead log, synchronous=FULL, auto_vacuum=INCREMENTAL.
 */
#define _POSIX_C_SOURCE 200809L
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static sqlite3 *database;

static void check(int result)
{
    if (result != SQLITE_OK && result != SQLITE_DONE) {
        fprintf(stderr, "floor: %s\n", sqlite3_errmsg(database));
        exit(1);
    }
}

static void run(const char *statement)
{
    check(sqlite3_exec(database, statement, NULL, NULL, NULL));
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: floor DATABASE ROWS BYTES ROWS_PER_COMMIT\n");
        return 64;
    }
    long rows = atol(argv[2]);
    int bytes = atoi(argv[3]);
    long per_commit = atol(argv[4]);
    if (rows < 1 || bytes < 1 || per_commit < 1) return 64;

    unsigned char *payload = malloc((size_t)bytes);
    if (payload == NULL) return 71;
    for (int i = 0; i < bytes; ++i) payload[i] = (unsigned char)(i * 7 + 3);

    check(sqlite3_open(argv[1], &database));
    run("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE frames (id INTEGER PRIMARY KEY, payload BLOB NOT NULL) STRICT");
    sqlite3_stmt *insert;
    check(sqlite3_prepare_v2(database, "INSERT INTO frames (payload) VALUES (?)", -1, &insert, NULL));

    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long row = 0; row < rows;) {
        run("BEGIN IMMEDIATE");
        for (long i = 0; i < per_commit && row < rows; ++i, ++row) {
            payload[row % bytes] ^= (unsigned char)row;
            check(sqlite3_bind_blob(insert, 1, payload, bytes, SQLITE_STATIC));
            check(sqlite3_step(insert));
            check(sqlite3_reset(insert));
        }
        run("COMMIT");
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.6f\n", (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
    sqlite3_finalize(insert);
    sqlite3_close(database);
    free(payload);
    return 0;
}
