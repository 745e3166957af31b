// SPDX-License-Identifier: Apache-2.0
//
// One operation of a heap. Blocks are named by their depth: how far their entry is from the end of the table,
// because most frees are of recent blocks.

public enum Operation: Equatable, Sendable {
    /// A block of `size` bytes is appended. The owner is 0 only in a stream that lost it, the call site where the heap
    /// has none.
    case alloc(size: UInt32, owner: UInt64, callSite: UInt64 = 0)
    case free(depth: UInt32)
    case resize(depth: UInt32, size: UInt32)
    case reown(depth: UInt32, owner: UInt64)
    case orphan(depth: UInt32)
    /// An allocation or resize of `size` bytes failed. The owner is the variable that the block was meant for, or that
    /// owns it, and 0 where there is none; the call site is 0 where the heap has none.
    case failed(size: UInt32, why: UInt32, owner: UInt64 = 0, callSite: UInt64 = 0)
    case badPointer(owner: UInt64)
    case reset
    /// In a lazy heap, blocks of `bytes` bytes, from this one on, move down to the end of the one before.
    case compact(depth: UInt32, bytes: UInt32)

    // In watched heaps blocks are named by their addresses, and come and go by these:
    case allocAt(address: UInt64, size: UInt32, callSite: UInt64 = 0)
    case freeAt(address: UInt64)
    /// The block at `address` has `size` bytes now, at `to`, which may be the same.
    case resizeAt(address: UInt64, size: UInt32, to: UInt64)
}
