/*
 * every_function.cpp - uses the allocator as C++ programs do, through containers that own their blocks: in a heap of the program
 * and in the default heap, eager and lazy, with containers in containers. Ends with 0 when all that the headers promise holds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <algorithm>
#include <string>
#include <vector>

#include "check.h"
#ifdef CONFORMANCE_OWN_MUTEX
#include "own_mutex.h"
#endif
#ifdef USE_THREAD_SAFETY
#include <thread>
#endif

#include "umemory.hpp"
#include "usmartpointer.hpp"
#include "ustring.hpp"
#include "uvector.hpp"

namespace {

constexpr uint32_t room = 16384;

char list[LISTING];

/* The heap that the tests are at. */
heap_t *under_test;

/* A table that is large enough for what follows. */
constexpr bool has_table_for(uint32_t blocks) { return MAX_NUM_OF_ALLOCATIONS >= blocks; }

/* All tests, on one kind of heap. */
template <class Source>
struct conformance {
    using string = ustring<Source>;
    using strings = uvector<string, Source>;

    Source source;
    heap_t *heap;

    explicit conformance(heap_t *tested) : source(tested), heap(tested) { under_test = tested; }

    void is_empty() {
        SOUND(heap);
        CHECK(heap->alloc_info.allocations_num == 0 && heap->owners_inside == 0 && used(heap) == 0);
    }

    void one_block() {
        char text[80], same[80];
        uint32_t seen = 0, index = 77;
        void *owner = nullptr, *other = nullptr;
        heap_guard<Source> outer(source), inner(source);
        SILENT(source.allocate(24, &owner));
        CHECK(owner != nullptr && is_zero(owner, 24));
        CHECK(heap->alloc_info.ptr_info_arr[0].ptr == reinterpret_cast<uint8_t **>(&owner));
        CHECK(validate_ptr(heap, &owner, USING_PTR_ADDRESS, &index) && index == 0);
        CHECK(validate_ptr(heap, &owner, USING_PTR_VALUE, nullptr));
        CHECK(walk(heap, [&](const dalloc_block_t &block) {
                  CHECK(block.owner == &owner && block.address == owner && block.size == 24 && block.gap == 0);
                  return ++seen > 0;
              }) == 1);
        CHECK(seen == 1);
        const int length = source.describe(text, sizeof text);
        CHECK(length == static_cast<int>(std::strlen(text))
              && std::string(text).find("used=" + std::to_string(padded(24)) + "/") == 0);
        CHECK(dalloc_heap_info_str(heap, same, sizeof same) == length && std::string(text) == same);
        LISTS(list, source.print());
        SILENT(CHECK(source.resize(40, &owner)));
        SILENT(source.hand_over(&owner, &other));
        CHECK(owner == nullptr && other != nullptr);
        SAYS(1, source.free(&owner));
        SILENT(CHECK(!source.resize(8, &owner)));
        SAYS(1, source.allocate(UINT32_MAX, &owner));
        CHECK(owner == nullptr);
        SILENT(source.free(&other));
        SAYS(1, source.free(nullptr));
        CHECK(dalloc_heap_compact(heap, 0) == 0);
        is_empty();
    }

    void a_string() {
        string text(source, "compacting"), none(source);
        CHECK(text == "compacting" && none == "" && text.append(" allocator") && text == "compacting allocator");
        CHECK(text.append(text) && text.size() == 40 && text == "compacting allocatorcompacting allocator");
        text.truncate(10);
        SOUND(heap);
        none = std::move(text);
        CHECK(none == "compacting" && text == "" && text.size() == 0);
        const std::string large(2 * room, 'x');
        SAYS(1, CHECK(!none.append(large.c_str())));
        CHECK(none == "compacting");
        none.clear();
        is_empty();
    }

    void strings_move_each_other() {
        string a(source, "alpha"), b(source, "beta"), c(source, "gamma");
        CHECK(a.append(c) && a == "alphagamma" && b == "beta" && c == "gamma");
        CHECK(b.append(a) && b == "betaalphagamma");
        std::swap(a, c);
        CHECK(a == "gamma" && c == "alphagamma");
        SOUND(heap);
        a.clear();
        CHECK(b == "betaalphagamma" && c == "alphagamma");
        CHECK(b.append("!") && c == "alphagamma");
        SOUND(heap);
    }

    void numbers() {
        uvector<double, Source> vector(source);
        for (int number = 0; number < 100; number++) CHECK(vector.push_back(number * 0.5));
        CHECK(vector.size() == 100 && vector[99] == 49.5);
        CHECK(vector.take(10) == 5.0 && vector[10] == 5.5 && vector.pop_back() == 49.5);
        vector.shrink_to_fit();
        CHECK(vector.capacity() == 98 && std::count(vector.begin(), vector.end(), 5.5) == 1);
        vector.reserve(200);
        CHECK(vector.capacity() == 200 && vector[97] == 49.0);
        const uint32_t size = vector.size();
        SAYS(1, CHECK(!vector.reserve(room)));
        CHECK(!vector.reserve(UINT32_MAX) && vector.size() == size && vector[0] == 0.0);
        SOUND(heap);
        uvector<double, Source> moved(std::move(vector));
        CHECK(vector.empty() && moved.size() == size && moved[97] == 49.0);
    }

    void strings_in_an_array() {
        strings array(source);
        for (int number = 0; number < 20; number++)
            CHECK(array.push_back(string(source, ("string " + std::to_string(number)).c_str())));
        CHECK(heap->owners_inside == 20);
        SOUND(heap);
        for (int number = 0; number < 20; number++)
            CHECK(array[static_cast<uint32_t>(number)] == ("string " + std::to_string(number)).c_str());
        array.edit(7, [](string &text) { CHECK(text.append(" grew, and all behind it moved")); });
        CHECK(array[7] == "string 7 grew, and all behind it moved" && array[8] == "string 8");
        {
            string taken = array.take(3);
            CHECK(taken == "string 3" && array[3] == "string 4" && array.size() == 19);
        }
        SOUND(heap);
        std::reverse(array.begin(), array.end());
        CHECK(array[0] == "string 19" && array[18] == "string 0");
        std::sort(array.begin(), array.end(),
                  [](const string &a, const string &b) { return std::strcmp(a.c_str(), b.c_str()) < 0; });
        CHECK(array[0] == "string 0" && array[1] == "string 1" && array[2] == "string 10");
        SOUND(heap);
        array.shrink_to_fit();
        CHECK(heap->owners_inside == 19);
        array.clear();
        is_empty();
    }

    /* Three levels: the owners of the strings stand in blocks, whose owners stand in a block. */
    void arrays_in_an_array() {
        uvector<strings, Source> rows(source);
        for (int row = 0; row < 4; row++) {
            strings cells(source);
            for (int column = 0; column <= row; column++)
                CHECK(cells.push_back(string(source, std::to_string(row * 10 + column).c_str())));
            CHECK(rows.push_back(std::move(cells)));
        }
        SOUND(heap);
        rows.edit(1, [this](strings &cells) {
            CHECK(cells.push_back(string(source, "more")));
            cells.edit(0, [](string &cell) { CHECK(cell.append(" is ten")); });
        });
        CHECK(rows[1].size() == 3 && rows[1][0] == "10 is ten" && rows[1][2] == "more");
        { const strings gone = rows.take(0); }
        SOUND(heap);
        CHECK(rows.size() == 3 && rows[0][1] == "11" && rows[2][3] == "33");
        const uvector<strings, Source> moved(std::move(rows));
        CHECK(moved[2][0] == "30");
    }

    struct node {
        int value;
        usmartpointer<node, Source> left, right;
        node(Source source, int number) : value(number), left(source), right(source) {}
    };
    using tree = usmartpointer<node, Source>;

    /* A lazy heap may move all nodes when it makes the new one, so that comes first. */
    void insert(tree &root, int value) {
        tree fresh(source, node(source, value));
        CHECK(fresh);
        tree *place = &root;
        while (*place) place = value < (*place)->value ? &(*place)->left : &(*place)->right;
        *place = std::move(fresh);
    }

    void collect(const tree &root, std::vector<int> &values) {
        if (!root) return;
        collect(root->left, values);
        values.push_back(root->value);
        collect(root->right, values);
    }

    void a_tree() {
        std::vector<int> values, sorted;
        void *before = nullptr;
        source.allocate(64, &before);
        {
            tree root(source);
            for (int number = 0; number < 25; number++) insert(root, number * 7 % 25);
            SOUND(heap);
            source.free(&before);
            collect(root, values);
            for (int number = 0; number < 25; number++) sorted.push_back(number);
            CHECK(values == sorted && heap->owners_inside == 24);
            {
                tree branch(std::move(root->right));
                CHECK(branch && !root->right);
                root.edit([](node &top) { top.left.reset(); });
            }
            SOUND(heap);
            values.clear();
            collect(root, values);
            CHECK(values == std::vector<int>(1, 0));
        }
        is_empty();
    }

    /* Random changes, and the same to the standard library's containers. */
    void like_the_standard_library(uint64_t seed) {
        strings array(source);
        std::vector<std::string> model;
        const auto below = [&seed](size_t limit) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            return static_cast<uint32_t>((seed >> 33) % limit);
        };
        const uint32_t most = std::min<uint32_t>(MAX_NUM_OF_ALLOCATIONS - 3, 60);
        for (int round = 0; round < 600; round++) {
            const std::string text(below(40), static_cast<char>('a' + below(26)));
            const uint32_t index = model.empty() ? 0 : below(model.size());
            switch (below(5)) {
            case 0:
            case 1:
                if (model.size() >= most) break;
                CHECK(array.push_back(string(source, text.c_str())));
                model.push_back(text);
                break;
            case 2:
                if (model.empty()) break;
                array.take(index);
                model.erase(model.begin() + static_cast<std::ptrdiff_t>(index));
                break;
            case 3:
                if (model.empty()) break;
                array.edit(index, [&text](string &element) { CHECK(element.append(text.c_str())); });
                model[index] += text;
                break;
            default:
                if (model.empty()) break;
                array.edit(index, [](string &element) { element.truncate(element.size() / 2); });
                model[index].resize(model[index].size() / 2);
            }
            CHECK(array.size() == model.size());
            for (uint32_t number = 0; number < array.size(); number++) CHECK(array[number] == model[number].c_str());
            SOUND(heap);
        }
    }

#ifdef USE_THREAD_SAFETY
    void several_threads() {
        const auto work = [this](char letter) {
            string text(source);
            for (int round = 0; round < 300; round++) {
                const char letters[] = {letter, letter, letter, 0};
                /* Else the others move the text while it is written. */
                heap_guard<Source> guard(source);
                CHECK(text.append(letters));
                CHECK(text.c_str()[text.size() - 1] == letter && text.c_str()[0] == letter);
            }
            heap_guard<Source> guard(source);
            CHECK(text.size() == 900);
            text.clear();
        };
        std::thread first(work, 'a'), second(work, 'b'), third(work, 'c');
        first.join();
        second.join();
        third.join();
        is_empty();
    }
#endif

    void everything(uint64_t seed) {
        SOUND(heap);
        one_block();
        if (!has_table_for(2)) return;
        a_string();
        is_empty();
        numbers();
        is_empty();
        if (!has_table_for(40)) return;
        strings_move_each_other();
        is_empty();
        strings_in_an_array();
        arrays_in_an_array();
        is_empty();
        a_tree();
        like_the_standard_library(seed);
        is_empty();
#ifdef USE_THREAD_SAFETY
        several_threads();
#endif
    }
};

/* A heap that ends before its containers writes to none of them: they are told by the program. */
template <class Heap, class Source>
void containers_that_outlive_their_heap() {
    static_assert(sizeof(heap_t) > MAX_NUM_OF_ALLOCATIONS * sizeof(ptr_info_t), "the table is in the heap_t");
    /* Not on the stack: its table may be large. */
    Heap *heap = new Heap();
    CHECK(heap->get() != nullptr);
    ustring<Source> text(heap->get(), "lost");
    CHECK(text == "lost");
    const char *const bytes = text.c_str();
    delete heap;
    CHECK(text.c_str() == bytes);
    text.forget();
}

template <class Heap, class Source>
void on(dalloc_policy_t policy, uint32_t step_bytes, uint64_t seed) {
    Heap *heap = new Heap(policy, step_bytes);
    CHECK(heap->get() != nullptr && heap->get()->total_size == room);
    conformance<Source>(heap->get()).everything(seed);
    if (policy == DALLOC_POLICY_LAZY) CHECK(dalloc_heap_set_policy(heap->get(), DALLOC_POLICY_EAGER, 0));
    delete heap;
    containers_that_outlive_their_heap<Heap, Source>();
#ifdef CONFORMANCE_OWN_MUTEX
    CHECK(own_mutexes_idle() == 0);
#endif
}

template <class Heap, class Source>
void with_each_policy() {
    on<Heap, Source>(DALLOC_POLICY_EAGER, 0, 1);
    on<Heap, Source>(DALLOC_POLICY_LAZY, 0, 2);
    on<Heap, Source>(DALLOC_POLICY_LAZY, 64, 3);
}

} // namespace

static void tell_again() {
    if (under_test != nullptr) std::memset(under_test->reports, 0, sizeof under_test->reports);
}

int main() {
    with_each_policy<static_heap<room>, heap_source>();
#ifdef USE_SINGLE_HEAP_MEMORY
    CHECK(!dalloc_is_initialized() && dalloc_get_default_heap() == nullptr);
    with_each_policy<static_default_heap<room>, default_source>();
    static_default_heap<room> heap;
    static_default_heap<64> second;
    CHECK(dalloc_is_initialized() && second.get() == heap.get());
    ustring<default_source> text((default_source()), "reset");
    const char *const bytes = text.c_str();
    SILENT(dalloc_reset_heap());
    CHECK(text.c_str() == bytes && text == "");
    text.forget();
    SAYS(1, CHECK(!dalloc_register_heap(nullptr, room)));
#endif
    return 0;
}
