/*
 * swift.h - what a firmware in Swift sees of its board.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "board.h"
#include "truth.h"

/* Static memory for one heap's control block. In Swift 6.3, `var control = heap_t()` at file level gets fewer bytes than heap_t has
 * (608 instead of 736 for 40 blocks), and its neighbours are overwritten. */
static inline heap_t *board_heap_control(void) {
    static heap_t control;
    return &control;
}
