/*
 * start.c - the vector table of a Cortex-M, and what comes before main.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>

extern uint32_t data_start, data_end, data_image, bss_start, bss_end, stack_end;
void tick(void);
int main(void);

static void stop(void) {
    for (;;) {}
}

static void start(void) {
    const uint32_t *image = &data_image;
    for (uint32_t *word = &data_start; word < &data_end; word++) *word = *image++;
    for (volatile uint32_t *word = &bss_start; word < (volatile uint32_t *)&bss_end; word++) *word = 0;
    main();
    stop();
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    &stack_end, (void *)start, (void *)stop, (void *)stop, (void *)stop, (void *)stop, (void *)stop, 0,
    0,          0,             0,            (void *)stop, (void *)stop, 0,            (void *)stop, (void *)tick,
};
