/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preload_table.c - a treap: a search tree by address that is a heap by priority, so that it is balanced whatever order
 * blocks come in. A node is named by its number; 0 is none.
 */
#define _GNU_SOURCE
#include "preload_table.h"

#include <stddef.h>
#include <sys/mman.h>

typedef struct {
    uintptr_t address;
    uint32_t size;
    uint32_t left;  /* the tree with lower addresses; of an unused node: the next unused one */
    uint32_t right; /* the tree with higher addresses */
} node_t;

static node_t *nodes; /* NULL before the first block, and when there is no memory for it */
static uint32_t root;
static uint32_t unused;  /* nodes that were given back */
static uint32_t reached; /* the highest node that was ever used */
static uint32_t count;

/* Nobody chooses addresses such that their priorities are in order. */
static uint32_t priority(uint32_t node) {
    return (uint32_t)(((uint64_t)(nodes[node].address >> 4) * 0x9E3779B97F4A7C15u) >> 32);
}

static bool has_memory(void) {
    if (nodes == NULL) {
        /* Only what is touched becomes memory. */
        void *memory = mmap(NULL, (PRELOAD_TABLE_BLOCKS + (size_t)1) * sizeof(node_t), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory != MAP_FAILED) nodes = memory;
    }
    return nodes != NULL;
}

/* The link that leads to the node of an address, or to where it would be. */
static uint32_t *find(uintptr_t address) {
    uint32_t *link = &root;
    while (*link != 0 && nodes[*link].address != address)
        link = address < nodes[*link].address ? &nodes[*link].left : &nodes[*link].right;
    return link;
}

bool preload_table_insert(uintptr_t address, uint32_t size) {
    if (!has_memory()) return false;
    uint32_t node = unused;
    if (node != 0) {
        unused = nodes[node].left;
    } else {
        if (reached == PRELOAD_TABLE_BLOCKS) return false;
        node = ++reached;
    }
    nodes[node].address = address;
    nodes[node].size = size;
    uint32_t *link = &root;
    while (*link != 0 && priority(*link) >= priority(node))
        link = address < nodes[*link].address ? &nodes[*link].left : &nodes[*link].right;
    /* What was here is split into the two trees below the new node. */
    uint32_t rest = *link;
    uint32_t *lower = &nodes[node].left, *higher = &nodes[node].right;
    while (rest != 0) {
        if (nodes[rest].address < address) {
            *lower = rest;
            lower = &nodes[rest].right;
            rest = *lower;
        } else {
            *higher = rest;
            higher = &nodes[rest].left;
            rest = *higher;
        }
    }
    *lower = 0;
    *higher = 0;
    *link = node;
    count++;
    return true;
}

bool preload_table_remove(uintptr_t address) {
    uint32_t *link = find(address);
    uint32_t node = *link;
    if (node == 0) return false;
    /* The two trees below it are merged in its place. */
    uint32_t lower = nodes[node].left, higher = nodes[node].right;
    while (lower != 0 && higher != 0) {
        if (priority(lower) >= priority(higher)) {
            *link = lower;
            link = &nodes[lower].right;
            lower = *link;
        } else {
            *link = higher;
            link = &nodes[higher].left;
            higher = *link;
        }
    }
    *link = lower != 0 ? lower : higher;
    nodes[node].left = unused;
    unused = node;
    count--;
    return true;
}

bool preload_table_has(uintptr_t address) { return *find(address) != 0; }

uintptr_t preload_table_overlapped(uintptr_t address, uint32_t size) {
    uint32_t before = 0; /* the last block at or below the address; the first one above it is looked at on the way */
    for (uint32_t node = root; node != 0;) {
        if (nodes[node].address > address) {
            if (nodes[node].address - address < size) return nodes[node].address;
            node = nodes[node].left;
        } else {
            before = node;
            node = nodes[node].right;
        }
    }
    return before != 0 && address - nodes[before].address < nodes[before].size ? nodes[before].address : 0;
}

uintptr_t preload_table_next(uintptr_t after, uint32_t *size) {
    uint32_t found = 0;
    for (uint32_t node = root; node != 0;) {
        if (nodes[node].address > after) {
            found = node;
            node = nodes[node].left;
        } else {
            node = nodes[node].right;
        }
    }
    if (found == 0) return 0;
    *size = nodes[found].size;
    return nodes[found].address;
}

uint32_t preload_table_count(void) { return count; }
