/*
 * dalloc_esp_idf_uart.c - the agent's line over ESP-IDF's driver for UARTs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stddef.h>

#include "dalloc_esp_idf.h"
#include "driver/uart.h"

#define PORT ((uart_port_t)CONFIG_DALLOC_UART_PORT)

/* The driver would wait for room. */
static int32_t put(void *context, const uint8_t *bytes, uint32_t count) {
    size_t room = 0;
    (void)context;
    if (uart_get_tx_buffer_free_size(PORT, &room) != ESP_OK) return 0;
    if (count > room) count = (uint32_t)room;
    if (count == 0) return 0;
    int written = uart_write_bytes(PORT, bytes, count);
    return written > 0 ? written : 0;
}

static int32_t take(void *context, uint8_t *bytes, uint32_t count) {
    (void)context;
    int read = uart_read_bytes(PORT, bytes, count, 0);
    return read > 0 ? read : 0;
}

bool dalloc_esp_idf_link(dalloc_link_t *link) {
    uart_config_t line = {0};
    line.baud_rate = CONFIG_DALLOC_UART_BAUD;
    line.data_bits = UART_DATA_8_BITS;
    line.parity = UART_PARITY_DISABLE;
    line.stop_bits = UART_STOP_BITS_1;
    line.flow_ctrl = UART_HW_FLOWCTRL_DISABLE;
    line.source_clk = UART_SCLK_DEFAULT;
    if (uart_driver_install(PORT, CONFIG_DALLOC_UART_BUFFER_BYTES, CONFIG_DALLOC_UART_BUFFER_BYTES, 0, NULL, 0) != ESP_OK)
        return false;
    if (uart_param_config(PORT, &line) != ESP_OK) return false;
    /* -1 is UART_PIN_NO_CHANGE. */
    if (uart_set_pin(PORT, CONFIG_DALLOC_UART_TX_PIN, CONFIG_DALLOC_UART_RX_PIN, UART_PIN_NO_CHANGE, UART_PIN_NO_CHANGE) != ESP_OK)
        return false;
    link->write = put;
    link->read = take;
    return true;
}
