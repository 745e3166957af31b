/* SPDX-License-Identifier: Apache-2.0 */
/* pico/unique_id.h - what the kit uses of the Pico SDK, with its signatures. */
#ifndef STAND_IN_PICO_UNIQUE_ID_H
#define STAND_IN_PICO_UNIQUE_ID_H

#define PICO_UNIQUE_BOARD_ID_SIZE_BYTES 8
void pico_get_unique_board_id_string(char *text, unsigned int size);

#endif
