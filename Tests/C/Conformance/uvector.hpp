/*
 * uvector.hpp - a growable array in a dalloc heap, of anything that can be moved: also of strings, and of arrays.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef UVECTOR_HPP
#define UVECTOR_HPP

#include <new>
#include <utility>

#include "umemory.hpp"

template <class T, class Source>
class uvector {
    static_assert(alignof(T) <= alignof(void *), "blocks are aligned to pointers only");

public:
    explicit uvector(Source source) : block_(source), size_(0), capacity_(0) {}
    uvector(uvector &&other) : block_(std::move(other.block_)), size_(other.size_), capacity_(other.capacity_) {
        other.size_ = other.capacity_ = 0;
    }
    uvector &operator=(uvector &&other) {
        if (this != &other) {
            clear();
            block_ = std::move(other.block_);
            size_ = other.size_;
            capacity_ = other.capacity_;
            other.size_ = other.capacity_ = 0;
        }
        return *this;
    }
    ~uvector() { clear(); }

    uint32_t size() const { return size_; }
    uint32_t capacity() const { return capacity_; }
    bool empty() const { return size_ == 0; }

    /* Good until the next call that allocates, frees or resizes anything in the heap. */
    T *begin() { return static_cast<T *>(block_.get()); }
    T *end() { return begin() + size_; }
    const T *begin() const { return static_cast<const T *>(block_.get()); }
    const T *end() const { return begin() + size_; }
    T &operator[](uint32_t index) { return begin()[index]; }
    const T &operator[](uint32_t index) const { return begin()[index]; }

    /* False when there is no room; `value` is then lost. */
    bool push_back(T value) {
        if (size_ == capacity_ && !reserve(capacity_ == 0 ? 4 : capacity_ * 2) && !reserve(capacity_ + 1)) return false;
        new (static_cast<void *>(begin() + size_)) T(std::move(value));
        size_++;
        return true;
    }

    T pop_back() {
        T last(std::move(begin()[size_ - 1]));
        begin()[--size_].~T();
        return last;
    }

    /* Takes an element out; those behind it move up by one. */
    T take(uint32_t index) {
        T taken(std::move(begin()[index]));
        for (uint32_t next = index + 1; next < size_; next++) begin()[next - 1] = std::move(begin()[next]);
        begin()[--size_].~T();
        return taken;
    }

    /* Changes an element that itself uses the heap: `change` sees it on the stack. */
    template <class Change>
    void edit(uint32_t index, Change change) {
        T element(std::move(begin()[index]));
        change(element);
        begin()[index] = std::move(element);
    }

    bool reserve(uint32_t capacity) {
        if (capacity <= capacity_) return true;
        if (capacity > UINT32_MAX / sizeof(T) || !block_.resize(capacity * static_cast<uint32_t>(sizeof(T)))) return false;
        capacity_ = capacity;
        return true;
    }

    void shrink_to_fit() {
        if (size_ == 0) clear();
        else if (block_.resize(size_ * static_cast<uint32_t>(sizeof(T)))) capacity_ = size_;
    }

    /* When the heap has ended before, the block is gone, and the elements with it. */
    void clear() {
        while (block_ && size_ > 0) pop_back();
        block_.reset();
        size_ = capacity_ = 0;
    }

private:
    ublock<Source> block_;
    uint32_t size_, capacity_;
};

#endif
