/*
 * test.c - the kit on a UART that stands in: what the agent gives to the line leaves it, though the interrupt comes only after the FIFO
 * was filled once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "../../Hooks/check.h"
#include "dalloc_pico.h"
#include "pico/time.h"
#include "stand_in.h"

int main(void) {
    dalloc_agent_config_t config = {0};
    uint8_t bytes[100];
    dalloc_pico_configure(&config);
    CHECK(strcmp(config.device_id, "0123456789abcdef") == 0);
    CHECK(config.boot_id == 42 && config.ticks_per_second == 1000000);
    sleep_ms(3);
    CHECK(config.now64(config.now_context) == 3000);

    dalloc_link_t link = dalloc_pico_uart_link(uart0);
    for (uint32_t index = 0; index < sizeof bytes; index++) bytes[index] = (uint8_t)(index + 1);
    uint32_t given = 0;
    for (uint32_t poll = 0; poll < 50; poll++) {
        given += (uint32_t)link.write(link.context, bytes, sizeof bytes);
        stand_in_pass_time(115);
    }
    stand_in_pass_time(500);
    CHECK(given > 2000);
    CHECK(stand_in.sent == given);

    /* One mutex after the other, and back. */
    static heap_t heaps[3];
    static uint64_t __attribute__((aligned(ALLOCATION_ALIGNMENT_BYTES))) memory[3][64];
    for (int index = 0; index < 3; index++) heap_init(&heaps[index], memory[index], sizeof memory[index]);
    CHECK(heaps[0].mem != NULL && heaps[1].mem != NULL && heaps[2].mem == NULL);
    heap_deinit(&heaps[0]);
    heap_init(&heaps[2], memory[2], sizeof memory[2]);
    CHECK(heaps[2].mem != NULL);
    puts("ok");
    return 0;
}
