/*
 * ustring.hpp - a string in a dalloc heap.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef USTRING_HPP
#define USTRING_HPP

#include <cstring>
#include <utility>

#include "umemory.hpp"

template <class Source>
class ustring {
public:
    explicit ustring(Source source) : block_(source), size_(0) {}
    ustring(Source source, const char *text) : block_(source), size_(0) { append(text); }
    ustring(ustring &&other) : block_(std::move(other.block_)), size_(other.size_) { other.size_ = 0; }
    ustring &operator=(ustring &&other) {
        if (this != &other) {
            block_ = std::move(other.block_);
            size_ = other.size_;
            other.size_ = 0;
        }
        return *this;
    }

    uint32_t size() const { return size_; }
    /* Good until the next call that allocates, frees or resizes anything in the heap. */
    const char *c_str() const { return block_ ? static_cast<const char *>(block_.get()) : ""; }

    /* False when there is no room; the string is then as it was. `text` must not stand in the heap. */
    bool append(const char *text) {
        const uint32_t added = static_cast<uint32_t>(std::strlen(text));
        if (!make_room(added)) return false;
        std::memcpy(bytes() + size_, text, added);
        return finish(added);
    }

    /* Also to itself: the other string is looked at when all has moved. */
    bool append(const ustring &other) {
        const uint32_t added = other.size_;
        if (!make_room(added)) return false;
        std::memcpy(bytes() + size_, other.c_str(), added);
        return finish(added);
    }

    void truncate(uint32_t size) {
        if (size >= size_) return;
        size_ = size;
        bytes()[size] = 0;
        block_.resize(size + 1);
    }

    void clear() {
        block_.reset();
        size_ = 0;
    }

    /* The heap was ended, or made anew: there is nothing to give back. */
    void forget() {
        block_.forget();
        size_ = 0;
    }

    bool operator==(const char *text) const { return std::strcmp(c_str(), text) == 0; }

private:
    char *bytes() { return static_cast<char *>(block_.get()); }
    bool make_room(uint32_t added) { return added < UINT32_MAX - size_ && block_.resize(size_ + added + 1); }
    bool finish(uint32_t added) {
        size_ += added;
        bytes()[size_] = 0;
        return true;
    }

    ublock<Source> block_;
    uint32_t size_; /* without the final zero */
};

#endif
