/*
 * usmartpointer.hpp - the one owner of an object in a dalloc heap, which may own others there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef USMARTPOINTER_HPP
#define USMARTPOINTER_HPP

#include <new>
#include <utility>

#include "umemory.hpp"

template <class T, class Source>
class usmartpointer {
public:
    explicit usmartpointer(Source source) : block_(source) {}
    /* Empty when there is no room; `value` is then lost. */
    usmartpointer(Source source, T value) : block_(source) {
        static_assert(alignof(T) <= alignof(void *), "blocks are aligned to pointers only");
        if (block_.resize(sizeof(T))) new (block_.get()) T(std::move(value));
    }
    usmartpointer(usmartpointer &&other) : block_(std::move(other.block_)) {}
    usmartpointer &operator=(usmartpointer &&other) {
        if (this != &other) {
            reset();
            block_ = std::move(other.block_);
        }
        return *this;
    }
    ~usmartpointer() { reset(); }

    explicit operator bool() const { return static_cast<bool>(block_); }
    /* Good until the next call that allocates, frees or resizes anything in the heap. */
    T *get() const { return static_cast<T *>(block_.get()); }
    T &operator*() const { return *get(); }
    T *operator->() const { return get(); }

    /* Frees the block, then destroys the object: it may own blocks, and none moves under it on the stack. */
    void reset() {
        if (!block_) return;
        T last(std::move(*get()));
        get()->~T();
        block_.reset();
    }

    /* Changes an object that itself uses the heap: `change` sees it on the stack. */
    template <class Change>
    void edit(Change change) {
        T value(std::move(*get()));
        change(value);
        *get() = std::move(value);
    }

private:
    ublock<Source> block_;
};

#endif
