/*
 * heap.hpp - a dalloc heap and the pointers that own its blocks, as C++ has them: what goes out of scope is freed, what is moved is handed
 * over, nothing is copied.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HEAP_HPP
#define HEAP_HPP

#include "dalloc.h"

class Heap {
public:
    Heap(void *memory, uint32_t size) { heap_init(&heap, memory, size); }
    Heap(const Heap &) = delete;
    Heap &operator=(const Heap &) = delete;

    heap_t *control() { return &heap; }

private:
    heap_t heap;
};

/* Owns a block of elements that may be moved as bytes: compaction does so, and sets `first`. */
template <typename Element> class Owned {
public:
    explicit Owned(Heap &heap) : heap(heap) {}
    Owned(const Owned &) = delete;
    Owned &operator=(const Owned &) = delete;
    ~Owned() { free(); }

    /* Room for `count` elements, of which what there is stays. False when the heap has none, or `count` is 0. */
    bool resize(uint32_t count) {
        const uint32_t size = count * sizeof(Element);
        if (first != nullptr) return drealloc(heap.control(), size, owner());
        dalloc(heap.control(), size, owner());
        return first != nullptr;
    }

    /* Takes over what `other`, of the same heap, owns. */
    void take(Owned &other) {
        free();
        if (other.first != nullptr) replace_pointers(heap.control(), other.owner(), owner());
    }

    void free() {
        if (first != nullptr) dfree(heap.control(), owner(), USING_PTR_ADDRESS);
    }

    explicit operator bool() const { return first != nullptr; }
    /* Good until the next allocation or free. */
    Element *begin() { return first; }

private:
    void **owner() { return reinterpret_cast<void **>(&first); }

    Heap &heap;
    Element *first = nullptr;
};

#endif
