/*
 * umemory.hpp - where the containers beside it get their memory: a heap that they are given, or the default heap; and who ends
 * heaps, locks and blocks when a scope does.
 *
 * A container that stands in the heap itself, as the element of another, moves when a block before it is freed or resized: in the
 * middle of its own method, if that method does it. So containers look at their elements where they are, and change or
 * destroy them on the stack: replace_pointers hands the blocks over, and moves none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UMEMORY_HPP
#define UMEMORY_HPP

#include <cstddef>

#include "dalloc.h"
#include "dalloc_walk.h"

/* A heap_t with its memory. */
template <uint32_t Bytes>
class static_heap {
public:
    explicit static_heap(dalloc_policy_t policy = DALLOC_POLICY_EAGER, uint32_t step_bytes = 0) {
        heap_init(&heap_, memory_, Bytes);
        dalloc_heap_set_policy(&heap_, policy, step_bytes);
    }
    ~static_heap() { heap_deinit(&heap_); }
    static_heap(const static_heap &) = delete;
    static_heap &operator=(const static_heap &) = delete;

    heap_t *get() { return &heap_; }

private:
    alignas(std::max_align_t) uint8_t memory_[Bytes];
    heap_t heap_;
};

/* Any heap. */
class heap_source {
public:
    heap_source(heap_t *heap) : heap_(heap) {}

    heap_t *get() const { return heap_; }
    void allocate(uint32_t bytes, void **owner) const { dalloc(heap_, bytes, owner); }
    void free(void **owner) const { dfree(heap_, owner, USING_PTR_ADDRESS); }
    bool resize(uint32_t bytes, void **owner) const { return drealloc(heap_, bytes, owner); }
    void hand_over(void **from, void **to) const { replace_pointers(heap_, from, to); }
    void lock() const { heap_lock(heap_); }
    void unlock() const { heap_unlock(heap_); }
    int describe(char *text, uint32_t size) const { return dalloc_heap_info_str(heap_, text, size); }
    void print() const {
        print_dalloc_info(heap_);
        dump_heap(heap_);
        dump_dalloc_ptr_info(heap_);
    }

private:
    heap_t *heap_;
};

#ifdef USE_SINGLE_HEAP_MEMORY
/* Registers the default heap. */
template <uint32_t Bytes>
class static_default_heap {
public:
    explicit static_default_heap(dalloc_policy_t policy = DALLOC_POLICY_EAGER, uint32_t step_bytes = 0)
        : is_registered_(dalloc_register_heap(memory_, Bytes)) {
        if (is_registered_) dalloc_heap_set_policy(dalloc_get_default_heap(), policy, step_bytes);
    }
    ~static_default_heap() {
        if (is_registered_) dalloc_unregister_heap(true);
    }
    static_default_heap(const static_default_heap &) = delete;
    static_default_heap &operator=(const static_default_heap &) = delete;

    heap_t *get() { return dalloc_get_default_heap(); }

private:
    alignas(std::max_align_t) uint8_t memory_[Bytes];
    bool is_registered_;
};

/* The default heap: containers need not remember it. */
class default_source {
public:
    default_source() {}
    default_source(heap_t *) {}

    heap_t *get() const { return dalloc_get_default_heap(); }
    void allocate(uint32_t bytes, void **owner) const { def_dalloc(bytes, owner); }
    void free(void **owner) const { def_dfree(owner); }
    bool resize(uint32_t bytes, void **owner) const { return def_drealloc(bytes, owner); }
    void hand_over(void **from, void **to) const { def_replace_pointers(from, to); }
    void lock() const { def_heap_lock(); }
    void unlock() const { def_heap_unlock(); }
    int describe(char *text, uint32_t size) const { return def_dalloc_heap_info_str(text, size); }
    void print() const {
        print_def_dalloc_info();
        dump_def_heap();
        dump_def_dalloc_ptr_info();
    }
};
#endif

/* Nothing moves in the heap for as long as this lives. */
template <class Source>
class heap_guard {
public:
    explicit heap_guard(Source source) : source_(source) { source_.lock(); }
    ~heap_guard() { source_.unlock(); }
    heap_guard(const heap_guard &) = delete;
    heap_guard &operator=(const heap_guard &) = delete;

private:
    Source source_;
};

/* dalloc_heap_walk with anything that can be called. */
template <class Visitor>
uint32_t walk(heap_t *heap, Visitor visitor) {
    return dalloc_heap_walk(
        heap, [](void *context, const dalloc_block_t *block) -> bool { return (*static_cast<Visitor *>(context))(*block); },
        &visitor);
}

/* The owner of one block, or of none. */
template <class Source>
class ublock {
public:
    explicit ublock(Source source) : data_(nullptr), source_(source) {}
    ublock(ublock &&other) : data_(nullptr), source_(other.source_) { take(other); }
    ublock &operator=(ublock &&other) {
        if (this != &other) {
            reset();
            source_ = other.source_;
            take(other);
        }
        return *this;
    }
    ublock(const ublock &) = delete;
    ublock &operator=(const ublock &) = delete;
    ~ublock() { reset(); }

    void *get() const { return data_; }
    Source source() const { return source_; }
    explicit operator bool() const { return data_ != nullptr; }

    /* Makes the block that large; there need be none yet. False when there is no room, and all is as it was. */
    bool resize(uint32_t bytes) {
        /* Whole pointers, so that those in the blocks behind are aligned in a heap that aligns to less. */
        const uint32_t unit = sizeof(void *);
        if (bytes > UINT32_MAX - unit) return false;
        bytes = (bytes + unit - 1) / unit * unit;
        if (data_ != nullptr) return source_.resize(bytes, &data_);
        source_.allocate(bytes, &data_);
        return data_ != nullptr;
    }
    void reset() {
        if (data_ != nullptr) source_.free(&data_);
    }
    /* A heap that ends does not tell its owners. */
    void forget() { data_ = nullptr; }

private:
    void take(ublock &other) {
        if (other.data_ != nullptr) source_.hand_over(&other.data_, &data_);
    }

    void *data_; /* the heap keeps it up to date */
    Source source_;
};

#endif
