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
    /// Blocks are pinned, or one is to be: an eager heap would move it.
    case eager
    /// A block can be pinned 255 times, and unpinned as often as it was pinned.
    case pins

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
        case .eager: "an eager heap moves its blocks: choose the policy pinning or lazy, or unpin them"
        case .pins: "a block can be pinned 255 times, and unpinned as often as it was pinned"
        }
    }
}

#if !hasFeature(Embedded)
    extension HeapError: CustomStringConvertible {
        public var description: String { "\(message)" }
    }
#endif
