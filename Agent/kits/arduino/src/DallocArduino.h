/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file DallocArduino.h
 * @brief What an agent needs of Arduino: a line over a Stream, such as Serial1, and a clock.
 *
 * Everything is in this header, so that it is compiled with the sketch: a sketch may define MAX_NUM_OF_ALLOCATIONS and
 * DALLOC_RECORDER_BYTES before it includes it, in each of its files the same.
 *
 * The mutex is that of a program with one task: use heaps in setup() and loop() only.
 */
#ifndef DALLOC_ARDUINO_H
#define DALLOC_ARDUINO_H

#include <Arduino.h>

#include "dalloc.h"
#include "dalloc_agent.h"

namespace dalloc_arduino {

inline int32_t put(void *context, const uint8_t *bytes, uint32_t count) {
    /* A core whose port does not tell of its room says 0, or 1: then the line is slow, or never writes. */
    Print *port = static_cast<Stream *>(context);
    int room = port->availableForWrite();
    if (room <= 0) return 0;
    if (count > static_cast<uint32_t>(room)) count = static_cast<uint32_t>(room);
    return static_cast<int32_t>(port->write(bytes, count));
}

inline int32_t take(void *context, uint8_t *bytes, uint32_t count) {
    Stream *port = static_cast<Stream *>(context);
    uint32_t taken = 0;
    while (taken < count && port->available() > 0) bytes[taken++] = static_cast<uint8_t>(port->read());
    return static_cast<int32_t>(taken);
}

inline uint32_t now(void *) { return static_cast<uint32_t>(millis()); }

} /* namespace dalloc_arduino */

/**
 * @brief The line over a port.
 *
 * Context: setup(), after the port's begin.
 *
 * @param port  Serial1, for example; must stay until dalloc_agent_deinit, and be used by nothing else
 * @return the value for config.link
 */
inline dalloc_link_t dalloc_arduino_link(Stream &port) {
    dalloc_link_t link = {};
    link.context = &port;
    link.write = dalloc_arduino::put;
    link.read = dalloc_arduino::take;
    return link;
}

/**
 * @brief Fills in the clock: milliseconds since reset.
 *
 * Context: setup(), before dalloc_agent_init.
 *
 * @param[in,out] config  zeroed, or with fields that this leaves alone
 */
inline void dalloc_arduino_clock(dalloc_agent_config_t &config) {
    config.ticks_per_second = 1000;
    config.now = dalloc_arduino::now;
}

#endif /* DALLOC_ARDUINO_H */
