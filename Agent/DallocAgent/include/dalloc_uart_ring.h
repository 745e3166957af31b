/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_uart_ring.h
 * @brief Rings between an agent and the interrupts, or the DMA, of a UART.
 *
 * An agent writes when it is polled, and then has hundreds of bytes. A UART takes 1 byte, or 16, and is ready for the next one long
 * before the next poll: with a register of 1 byte and a poll every 10 ms, a line of 115200 baud carries 100 bytes a second. So
 * polls fill a ring, and an interrupt empties it; and the other way round for what comes in. docs/firmware.md has DMA, RS-485,
 * flow control and USB.
 *
 * @code{.c}
 * #include "dalloc_agent.h"
 * #include "dalloc_uart_ring.h"
 *
 * // What your UART's registers do:
 * bool uart_has_received(void);
 * uint8_t uart_receive(void);
 * bool uart_can_transmit(void);
 * void uart_transmit(uint8_t byte);
 * void uart_interrupt_when_free(bool enabled); // whenever uart_can_transmit
 *
 * uint32_t milliseconds(void *context); // since reset
 * uint32_t boot_number(void);           // another one after every reset
 *
 * DALLOC_UART_RING(transmit, 128); // 11.1 ms of 115200 baud, for a poll every 10 ms
 * DALLOC_UART_RING(receive, 128);
 *
 * static void kick(void *context) {
 *     (void)context;
 *     uart_interrupt_when_free(true);
 * }
 *
 * static dalloc_uart_t uart = {&transmit, &receive, kick, NULL};
 *
 * void UART_IRQHandler(void);
 * void UART_IRQHandler(void) {
 *     uint8_t byte;
 *     while (uart_has_received()) dalloc_uart_ring_put(&receive, uart_receive());
 *     while (uart_can_transmit() && dalloc_uart_ring_take(&transmit, &byte)) uart_transmit(byte);
 *     if (dalloc_uart_ring_used(&transmit) == 0) uart_interrupt_when_free(false); // until the next kick
 * }
 *
 * DALLOC_AGENT_TRANSMIT_BUFFER(transmit_buffer, 4096);
 * static uint8_t memory[8192] __attribute__((aligned(8)));
 * static heap_t heap;
 * static dalloc_recorder_t recorder;
 * static dalloc_agent_t agent;
 *
 * int main(void) {
 *     dalloc_agent_config_t config = {0};
 *     uint32_t polled = 0;
 *     config.device_id = "pump-17";
 *     config.boot_id = boot_number();
 *     config.ticks_per_second = 1000;
 *     config.now = milliseconds;
 *     config.link = dalloc_uart_link(&uart);
 *     config.transmit_buffer = transmit_buffer;
 *     config.transmit_size = sizeof transmit_buffer;
 *     heap_init(&heap, memory, sizeof memory);
 *     if (dalloc_agent_init(&agent, &config) != DALLOC_AGENT_OK) return 1;
 *     if (dalloc_agent_attach(&agent, &recorder, &heap, "main") != DALLOC_AGENT_OK) return 1;
 *     for (;;) { // the program's work, and a poll every 10 ms
 *         if (milliseconds(NULL) - polled < 10) continue;
 *         polled = milliseconds(NULL);
 *         dalloc_agent_poll(&agent);
 *     }
 * }
 * @endcode
 *
 * **How large.** Either ring holds what the line carries between two polls: baud / 10 bytes a second. A smaller transmit ring caps the line
 * at one ring a poll; nothing is lost then, frames wait in the agent's transmit buffer. A larger one brings nothing. With more
 * than a quarter of config.reply_timeout in it (0.5 s: 480 bytes at 9600 baud), the agent begins to send frames again that are still
 * on their way. The receive ring takes 32 bytes at least, or it loses answers, which are then sent again.
 *
 * **Who calls what.** Of each ring, one side puts bytes in, and the other one takes them out: the task that polls and one interrupt.
 * No side waits, or disables interrupts. Each of the two counters is written by one side only, in a store of an aligned word, and after the
 * bytes that it tells of (release and acquire). So no instruction such as LDREX is needed, and a Cortex-M0 has all that it takes.
 * Interrupts that call functions of the same side must not interrupt each other.
 *
 * **Two cores.** The counters are right on two cores with one memory, as the order of accesses is kept in the processors, too. A kick is
 * another matter: it may cross with the end of the interrupt on the other core, and get lost. The next poll that has something to
 * write kicks again. Let the interrupt run on the core that polls, and none gets lost.
 *
 * **DMA** reads the bytes where they are. Where it does not see the processor's cache (Cortex-M7), put a ring's bytes into memory
 * that is not cached, or clean the cache for each span.
 */
#ifndef DALLOC_UART_RING_H
#define DALLOC_UART_RING_H

#include "dalloc_agent_link.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A ring of bytes with one writer and one reader: a variable of yours, whose fields are the library's. Zeroed memory is a ring
 * without room. Counters wrap around at 2^32. */
typedef struct {
    uint8_t *bytes;             /**< its storage */
    uint32_t size;              /**< bytes of it: a power of two, or 0 */
    volatile uint32_t written;  /**< bytes put in since the start; the writer's */
    volatile uint32_t read;     /**< bytes taken out since the start; the reader's */
    volatile uint32_t overruns; /**< dalloc_uart_ring_overruns; the writer's */
    volatile uint32_t most;     /**< dalloc_uart_ring_most; the writer's */
} dalloc_uart_ring_t;

/** A UART with its rings, as dalloc_uart_link wants it: a variable of yours. */
typedef struct {
    dalloc_uart_ring_t *transmit; /**< the agent puts in, the UART takes out */
    dalloc_uart_ring_t *receive;  /**< the UART puts in, the agent takes out; NULL makes the line one-way */

    /** Starts the transmitter, where it does not run: enables the interrupt "transmit register empty", or starts DMA. Called
     * from dalloc_agent_poll whenever it has bytes to write, also when the transmitter runs, and when the ring is full. It
     * must not wait. NULL: the transmitter looks by itself. */
    void (*kick)(void *context);

    void *context; /**< given to kick; may be NULL */
} dalloc_uart_t;

/** Declares a static ring, `static dalloc_uart_ring_t name`, with its storage, outside a function. A size that is no power of two
 * does not compile.
 * @param name   of the variable
 * @param count  bytes of storage: a power of two, 1 to 2^30 */
#define DALLOC_UART_RING(name, count) \
    typedef char name##_size_is_no_power_of_two[((count) > 0 && ((count) & ((count)-1)) == 0) ? 1 : -1]; \
    static uint8_t name##_bytes[sizeof(name##_size_is_no_power_of_two) * (count)]; \
    static dalloc_uart_ring_t name = {name##_bytes, (count), 0, 0, 0, 0}

/** A barrier for the compiler and the processor, where the compiler has no atomic words: on a Cortex-M0, and on RISC-V without
 * its extension A. GCC and Clang know it; for another compiler define it, as __DMB() for example. */
#ifndef DALLOC_UART_FENCE
#ifdef __GNUC__
#define DALLOC_UART_FENCE() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#else
#error "dalloc_uart_ring.h: define DALLOC_UART_FENCE() as a barrier for the compiler and the processor, such as __DMB()"
#endif
#endif

/** @cond INTERNAL */
/* A counter of the other side. What comes after it in the program comes after it. */
static inline uint32_t dalloc_uart_ring_load(const volatile uint32_t *counter) {
#if defined(__GCC_ATOMIC_INT_LOCK_FREE) && __GCC_ATOMIC_INT_LOCK_FREE == 2
    return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
#else
    uint32_t value = *counter;
    DALLOC_UART_FENCE();
    return value;
#endif
}

/* A counter of one's own side. What comes before it in the program comes before it. */
static inline void dalloc_uart_ring_store(volatile uint32_t *counter, uint32_t value) {
#if defined(__GCC_ATOMIC_INT_LOCK_FREE) && __GCC_ATOMIC_INT_LOCK_FREE == 2
    __atomic_store_n(counter, value, __ATOMIC_RELEASE);
#else
    DALLOC_UART_FENCE();
    *counter = value;
#endif
}
/** @endcond */

/**
 * @brief Makes a ring of storage whose size is known at run time only.
 *
 * Context: before either side uses the ring.
 *
 * @param[out] ring  the ring
 * @param bytes      its storage, for as long as the ring is used; not NULL, unless size is 0
 * @param size       bytes of storage, up to 2^30; of a size that is no power of two, the largest one below is used
 */
static inline void dalloc_uart_ring_init(dalloc_uart_ring_t *ring, uint8_t *bytes, uint32_t size) {
    while ((size & (size - 1u)) != 0) size &= size - 1u;
    ring->bytes = bytes;
    ring->size = size;
    ring->written = ring->read = ring->overruns = ring->most = 0;
}

/**
 * @brief How many bytes are in a ring.
 *
 * Context: any. For the reader there are at least as many, for the writer at most.
 *
 * @param ring  the ring
 * @return bytes that were put in and not taken out yet
 */
static inline uint32_t dalloc_uart_ring_used(const dalloc_uart_ring_t *ring) {
    /* In this order: the other way round, a third party could find less than nothing. */
    uint32_t read = dalloc_uart_ring_load(&ring->read);
    return dalloc_uart_ring_load(&ring->written) - read;
}

/**
 * @brief Bytes that a UART has received and that found no room: those of dalloc_uart_ring_put and dalloc_uart_ring_put_span.
 *
 * Frames have a checksum, so an overrun damages no history: what is missing is sent again. With more than a few, enlarge the
 * receive ring or poll more often.
 *
 * Context: any.
 *
 * @param ring  the ring
 * @return a count that wraps around at 2^32
 */
static inline uint32_t dalloc_uart_ring_overruns(const dalloc_uart_ring_t *ring) { return dalloc_uart_ring_load(&ring->overruns); }

/**
 * @brief How full a ring was at most.
 *
 * A transmit ring that was full shows that the line was the bottleneck for a while, and that frames waited in the agent's transmit buffer.
 *
 * Context: any.
 *
 * @param ring  the ring
 * @return bytes, 0 to its size
 */
static inline uint32_t dalloc_uart_ring_most(const dalloc_uart_ring_t *ring) { return dalloc_uart_ring_load(&ring->most); }

/** @name The writer's */
/** @{ */

/**
 * @brief Puts in as many bytes as there is room for.
 *
 * Context: the writer. It takes time in proportion to what it copies.
 *
 * @param ring   the ring
 * @param bytes  the bytes
 * @param count  how many there are
 * @return how many were put in: the first ones
 */
static inline uint32_t dalloc_uart_ring_write(dalloc_uart_ring_t *ring, const uint8_t *bytes, uint32_t count) {
    uint8_t *storage = ring->bytes;
    uint32_t size = ring->size, written = ring->written, used = written - dalloc_uart_ring_load(&ring->read), index;
    if (count > size - used) count = size - used;
    if (count == 0) return 0;
    for (index = 0; index < count; index++) storage[(written + index) & (size - 1u)] = bytes[index];
    dalloc_uart_ring_store(&ring->written, written + count);
    if (used + count > ring->most) dalloc_uart_ring_store(&ring->most, used + count);
    return count;
}

/**
 * @brief Puts in bytes that were received, by DMA for example. Those that find no room are lost, and counted in
 * dalloc_uart_ring_overruns.
 *
 * Context: the writer.
 *
 * @param ring   the ring
 * @param bytes  the bytes
 * @param count  how many there are
 * @return how many were put in: the first ones
 */
static inline uint32_t dalloc_uart_ring_put_span(dalloc_uart_ring_t *ring, const uint8_t *bytes, uint32_t count) {
    uint32_t taken = dalloc_uart_ring_write(ring, bytes, count);
    if (taken < count) dalloc_uart_ring_store(&ring->overruns, ring->overruns + (count - taken));
    return taken;
}

/**
 * @brief Puts in a byte that was received. One that finds no room is lost, and counted in dalloc_uart_ring_overruns.
 *
 * Context: the writer.
 *
 * @param ring  the ring
 * @param byte  the byte
 * @return true when there was room
 */
static inline bool dalloc_uart_ring_put(dalloc_uart_ring_t *ring, uint8_t byte) {
    return dalloc_uart_ring_put_span(ring, &byte, 1) == 1;
}

/** @} */
/** @name The reader's */
/** @{ */

/**
 * @brief The oldest bytes, where they are: for DMA, or a packet of USB.
 *
 * They stay there until dalloc_uart_ring_consume. Where they go round the end of the storage, the rest comes after that.
 *
 * Context: the reader.
 *
 * @param ring        the ring
 * @param[out] bytes  the first of them
 * @return how many are there, one after the other; 0 when the ring is empty
 */
static inline uint32_t dalloc_uart_ring_peek(const dalloc_uart_ring_t *ring, const uint8_t **bytes) {
    uint32_t read = ring->read, used = dalloc_uart_ring_load(&ring->written) - read, start;
    if (used == 0) return 0;
    start = read & (ring->size - 1u);
    *bytes = ring->bytes + start;
    return used < ring->size - start ? used : ring->size - start;
}

/**
 * @brief Takes out the oldest bytes, which were sent from where they are.
 *
 * Context: the reader.
 *
 * @param ring   the ring
 * @param count  how many; of more than there are, all are taken out
 */
static inline void dalloc_uart_ring_consume(dalloc_uart_ring_t *ring, uint32_t count) {
    uint32_t read = ring->read, used = dalloc_uart_ring_load(&ring->written) - read;
    dalloc_uart_ring_store(&ring->read, read + (count < used ? count : used));
}

/**
 * @brief Takes out up to so many bytes.
 *
 * Context: the reader. It takes time in proportion to what it copies.
 *
 * @param ring        the ring
 * @param[out] bytes  the oldest ones
 * @param count       how many there is room for
 * @return how many were taken out
 */
static inline uint32_t dalloc_uart_ring_read(dalloc_uart_ring_t *ring, uint8_t *bytes, uint32_t count) {
    const uint8_t *storage = ring->bytes;
    uint32_t size = ring->size, read = ring->read, used = dalloc_uart_ring_load(&ring->written) - read, index;
    if (count > used) count = used;
    for (index = 0; index < count; index++) bytes[index] = storage[(read + index) & (size - 1u)];
    dalloc_uart_ring_store(&ring->read, read + count);
    return count;
}

/**
 * @brief Takes out the oldest byte.
 *
 * Context: the reader.
 *
 * @param ring       the ring
 * @param[out] byte  it
 * @return false when the ring is empty
 */
static inline bool dalloc_uart_ring_take(dalloc_uart_ring_t *ring, uint8_t *byte) { return dalloc_uart_ring_read(ring, byte, 1) == 1; }

/** @} */

/**
 * @brief The link of an agent over a UART with rings.
 *
 * It is simply there: the agent never gives up and never waits. Where you know whether somebody is at the other end (DTR of a USB port),
 * set `is_up` of what this returns; its context is the UART's.
 *
 * Context: any, before dalloc_agent_init.
 *
 * @param uart  must stay where it is until dalloc_agent_deinit, and so must its rings
 * @return the value for config.link
 */
dalloc_link_t dalloc_uart_link(dalloc_uart_t *uart);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_UART_RING_H */
