// SPDX-License-Identifier: Apache-2.0

internal import CDalloc

/// A block of a ``Heap``: no pointer, but the number of the slot that knows where the block is now. Give it back with
/// ``Heap/free(_:)``; a handle that is dropped leaves its block in the heap.
public struct Allocation: ~Copyable {
    let slot: Int
    /// Which heap the slot is one of; every heap of a program has another number.
    let heap: UInt32

    init(slot: Int, heap: UInt32) {
        (self.slot, self.heap) = (slot, heap)
    }
}
