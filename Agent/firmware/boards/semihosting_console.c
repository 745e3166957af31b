/*
 * semihosting_console.c - for boards whose only UART is the agent's: who wants to know something makes the file `ask` in the folder of the
 * debugger, and reads the answer on its console. Reading that console instead would stop the processor until somebody types.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "board.h"
#include "semihosting.h"

/* Milliseconds: looking takes the processor a while. */
#define LOOK_INTERVAL 50

bool board_is_asked(void) {
    static const char file[] = "ask";
    static uint32_t looked;
    uint32_t now = board_milliseconds(0);
    if (now - looked < LOOK_INTERVAL) return false;
    looked = now;
    const intptr_t name_mode_length[] = {(intptr_t)file, 0, sizeof file - 1};
    intptr_t handle = semihosting(SEMIHOSTING_OPEN, name_mode_length);
    if (handle == -1) return false;
    semihosting(SEMIHOSTING_CLOSE, &handle);
    const intptr_t name_length[] = {(intptr_t)file, sizeof file - 1};
    semihosting(SEMIHOSTING_REMOVE, name_length);
    return true;
}

void board_print(const char *text) { semihosting(SEMIHOSTING_PRINT, text); }
