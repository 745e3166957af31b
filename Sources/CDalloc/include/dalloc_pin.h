/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dalloc_pin.h
 * @brief Blocks that must not move: the buffer that a DMA controller fills, or one that an interrupt writes to. Included
 * by dalloc.h.
 *
 * A heap whose policy is DALLOC_POLICY_PINNING works as an eager one, but pinned blocks stay where they are.
 * DALLOC_POLICY_LAZY heaps can pin, too; those of DALLOC_POLICY_EAGER can't.
 *
 * @code{.c}
 * #include "dalloc.h"
 *
 * static uint8_t memory[4096] __attribute__((aligned(8)));
 * static heap_t heap;
 * static void *samples, *text;
 * static uint8_t *target; // what the DMA controller was told
 *
 * static void start_dma(void *buffer) { target = buffer; }
 * static void dma_done(uint32_t count) { while (count-- > 0) target[count] = 7; }
 *
 * int main(void) {
 *     heap_init(&heap, memory, sizeof memory);
 *     if (!dalloc_heap_set_policy(&heap, DALLOC_POLICY_PINNING, 0)) return 1;
 *     dalloc(&heap, 100, &text);
 *     dalloc(&heap, 256, &samples);
 *     if (samples == NULL || !dalloc_pin(&heap, &samples)) return 1;
 *     start_dma(samples);
 *     dfree(&heap, &text, USING_PTR_ADDRESS); // what is not pinned would move now
 *     dma_done(256);
 *     if (samples != target || target[255] != 7) return 1;
 *     dalloc_unpin(&heap, &samples);          // moves down into the gap
 *     if (samples != memory) return 1;
 *     dfree(&heap, &samples, USING_PTR_ADDRESS);
 *     heap_deinit(&heap);
 *     return 0;
 * }
 * @endcode
 *
 * **Pin early, low in the heap.** A new block comes after the last one, never into the gap before a pinned block. So a
 * block that is pinned high in the heap keeps the free bytes below it from all others: a dalloc fails with many bytes
 * free. Allocate and pin what stays pinned before all else, and pin what is pinned for a while only that long. What the
 * gaps take is heap_t.gap_bytes.
 *
 * **Growing.** A block before a pinned one grows into the gap after it, and after the blocks below were moved down. It
 * pushes nothing: drealloc fails when that is not enough, and nothing has changed. A pinned block grows and shrinks
 * where it is.
 *
 * A pinned block may be freed, which unpins it, and have another owner. dalloc_reset_heap and heap_deinit forget pins.
 * An owner that stands in a pinned block stays where it is, too.
 *
 * An agent announces such a heap as a lazy one. A dfree or drealloc that moves blocks is two operations on the line.
 */
#ifndef DALLOC_PIN_H
#define DALLOC_PIN_H

#include "dalloc_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief Keeps a block where it is until dalloc_unpin has been called as often as this.
 *
 * Context: any task, not an interrupt. The address in `*ptr` is good from then on without heap_lock.
 *
 * @param heap  the heap; its policy is DALLOC_POLICY_PINNING or DALLOC_POLICY_LAZY
 * @param ptr   the owner
 * @return false when `ptr` owns no block, the block is pinned 255 times already, or, with a message, the heap is eager
 */
bool dalloc_pin(heap_t *heap, void **ptr);

/**
 * @brief Undoes one dalloc_pin. After the last one the block moves as others do: with DALLOC_POLICY_PINNING the gap
 * before it is closed at once.
 *
 * Context: any task, not an interrupt. It takes as long as moving the blocks from this one to the next pinned one.
 *
 * @param heap  the heap
 * @param ptr   the owner
 * @return false when `ptr` owns no block, or the block is not pinned
 */
bool dalloc_unpin(heap_t *heap, void **ptr);

#ifdef __cplusplus
}
#endif

#endif /* DALLOC_PIN_H */
