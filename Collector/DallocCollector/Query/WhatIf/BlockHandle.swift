// SPDX-License-Identifier: Apache-2.0
//
// A live block of a ``HeapModel``: a small number that is used again after the block is freed.

struct BlockHandle: Hashable, Sendable {
    let slot: UInt32
}
