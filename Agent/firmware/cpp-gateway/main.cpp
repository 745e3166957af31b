/*
 * main.cpp - a gateway: sessions of radio nodes in fast memory, their packets, which come in pieces, in large memory outside the chip. One
 * agent watches both heaps.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>
#include "board.h"
#include "dalloc_agent.h"
#include "heap.hpp"
#include "random.h"
#include "truth.h"

/* What shall be done at the end of a program that has none. */
extern "C" int atexit(void (*)()) { return 0; }

namespace {

alignas(8) uint8_t fast_memory[3072];
alignas(8) __attribute__((section(".external"))) uint8_t large_memory[16384];

#ifndef WITHOUT_AGENT
/* Fourteen seconds of this gateway's operations: a collector may start ten seconds later, and is greeted every two. */
DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 8192);
dalloc_recorder_t fast_recorder, large_recorder;
dalloc_agent_t agent;

void watch_start(Heap &fast, Heap &large) {
    dalloc_agent_config_t config = {};
    config.device_id = "cpp-gateway-" BOARD;
    config.build = "1.0.0";
    config.boot_id = board_boot_id();
    config.ticks_per_second = 1000;
    config.now = board_milliseconds;
    config.link = board_uart_link();
    config.transmit_buffer = transmit_buffer;
    config.transmit_size = sizeof transmit_buffer;
    if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return;
    dalloc_agent_attach(&agent, &fast_recorder, fast.control(), "fast");
    dalloc_agent_attach(&agent, &large_recorder, large.control(), "large");
}

void watch() {
    static uint32_t polled;
    const uint32_t now = board_milliseconds(nullptr);
    if (now - polled < 10) return;
    polled = now;
    dalloc_agent_poll(&agent);
#ifdef WITH_TRUTH
    truth_tell_if_asked(&agent);
#endif
}
#endif

struct State {
    uint32_t node, pieces;
    uint8_t key[16];
};

/* What the gateway knows of a node nearby. The state and the addresses that it has heard are in fast memory; the packet that
 * comes in piece by piece, and the one that waits to go out, are outside the chip. */
class Session {
public:
    Session(Heap &fast, Heap &large) : state(fast), routes(fast), incoming(large), outgoing(large) {}

    bool is_open() { return bool(state); }

    void open(uint32_t node) {
        if (!state.resize(1)) return;
        memset(state.begin(), 0, sizeof(State));
        state.begin()->node = node;
    }

    void close() {
        state.free();
        routes.free();
        incoming.free();
        outgoing.free();
        route_count = length = 0;
    }

    void hear_route(uint16_t address) {
        if (route_count == 24 || !routes.resize(route_count + 1)) return;
        routes.begin()[route_count++] = address;
    }

    /* The packet grows in place; when it is whole, it goes to the other side without being copied. */
    void receive(uint32_t bytes) {
        if (!incoming.resize(length + bytes)) return incoming_is_lost();
        memset(incoming.begin() + length, int(state.begin()->node), bytes);
        length += bytes;
        state.begin()->pieces++;
        if (length < 512) return;
        outgoing.take(incoming);
        length = 0;
    }

    void send() { outgoing.free(); }

private:
    void incoming_is_lost() {
        incoming.free();
        length = 0;
    }

    Owned<State> state;
    Owned<uint16_t> routes;
    Owned<uint8_t> incoming, outgoing;
    uint32_t route_count = 0, length = 0;
};

void work(Session &session) {
    if (!session.is_open()) return session.open(random_below(UINT32_MAX));
    switch (random_below(16)) {
    case 0: return session.close();
    case 1: case 2: case 3: return session.hear_route(uint16_t(random_below(65536)));
    case 4: case 5: return session.send();
    default: return session.receive(32 + random_below(96));
    }
}

} // namespace

int main() {
    static Heap fast(fast_memory, sizeof fast_memory), large(large_memory, sizeof large_memory);
    static Session sessions[] = {
        {fast, large}, {fast, large}, {fast, large}, {fast, large}, {fast, large}, {fast, large},
        {fast, large}, {fast, large}, {fast, large}, {fast, large}, {fast, large}, {fast, large},
    };
#ifndef WITHOUT_AGENT
    watch_start(fast, large);
#endif
    random_start(board_boot_id());
    for (uint32_t worked = 0;;) {
        const uint32_t now = board_milliseconds(nullptr);
        if (now - worked >= 10) {
            worked = now;
            work(sessions[random_below(sizeof sessions / sizeof sessions[0])]);
        }
#ifndef WITHOUT_AGENT
        watch();
#endif
        board_sleep();
    }
}
