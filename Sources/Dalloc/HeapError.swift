// SPDX-License-Identifier: Apache-2.0

internal import CDalloc

/// Why a ``Heap`` could not be made, or did not do what it was asked to.
public enum HeapError: Error, Sendable {
    /// The heap has not enough free bytes.
    case noRoom
    /// The table holds MAX_NUM_OF_ALLOCATIONS blocks already, or the heap has no slot left.
    case tableFull
    /// A block must have one byte at least.
    case zeroSize
    /// The memory is missing, misaligned, smaller than the alignment or beyond 32 bits.
    case badMemory
    /// The allocation belongs to another heap.
    case foreignAllocation
    /// A container has no such element.
    case outOfBounds

    init(_ failure: dalloc_failure_t) {
        switch failure {
        case DALLOC_FAILURE_ZERO_SIZE: self = .zeroSize
        case DALLOC_FAILURE_TABLE_FULL: self = .tableFull
        default: self = .noRoom
        }
    }
}
