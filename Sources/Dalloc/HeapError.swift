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
    /// The allocation belongs to another heap, or its block was freed through the C API. Debug builds stop there.
    case foreignAllocation
    /// A container has no such element.
    case outOfBounds
    /// An agent records the heap: its policy can't change any more.
    case observed

    init(_ failure: dalloc_failure_t) {
        switch failure {
        case DALLOC_FAILURE_ZERO_SIZE: self = .zeroSize
        case DALLOC_FAILURE_TABLE_FULL: self = .tableFull
        default: self = .noRoom
        }
    }
}

extension HeapError {
    /// What is wrong, in words that need no heap to be printed.
    public var message: StaticString {
        switch self {
        case .noRoom: "the heap has not enough free bytes"
        case .tableFull: "the heap's table, or its slots, hold as many blocks as they can"
        case .zeroSize: "a block must have one byte at least"
        case .badMemory: "the memory is missing, misaligned, smaller than the alignment or beyond 32 bits"
        case .foreignAllocation: "the allocation belongs to another heap, or its block was freed through the C API"
        case .outOfBounds: "the container has no such element"
        case .observed: "an agent records the heap: its policy can't change any more"
        }
    }
}

#if !hasFeature(Embedded)
    extension HeapError: CustomStringConvertible {
        public var description: String { "\(message)" }
    }
#endif
