// SPDX-License-Identifier: Apache-2.0

internal import CDalloc

/// What a heap told its observer.
enum Event: Equatable {
    case alloc(index: Int, size: UInt32, owner: UInt)
    case free(index: Int)
    case resize(index: Int, size: UInt32)
    /// The owner is read from the table.
    case reown(index: Int, owner: UInt, from: UInt)
    case orphan(index: Int)
    case failed(size: UInt32, why: dalloc_failure_t, owner: UInt)
    case badPointer(UInt)
    case reset
    case markFree(index: Int)
    case compact(index: Int, bytes: UInt32)
    case pin(index: Int)
    case unpin(index: Int)

    /// - Parameter new: the owner that the entry has now.
    init?(
        _ operation: dalloc_operation_t, _ index: UInt32, _ size: UInt32, _ owner: UnsafeRawPointer?, new: () -> UInt
    ) {
        let (entry, address) = (Int(index), UInt(bitPattern: owner))
        switch operation {
        case DALLOC_OP_ALLOC: self = .alloc(index: entry, size: size, owner: address)
        case DALLOC_OP_FREE: self = .free(index: entry)
        case DALLOC_OP_RESIZE: self = .resize(index: entry, size: size)
        case DALLOC_OP_REOWN: self = .reown(index: entry, owner: new(), from: address)
        case DALLOC_OP_ORPHAN: self = .orphan(index: entry)
        case DALLOC_OP_FAILED: self = .failed(size: size, why: dalloc_failure_t(index), owner: address)
        case DALLOC_OP_BAD_POINTER: self = .badPointer(address)
        case DALLOC_OP_RESET: self = .reset
        case DALLOC_OP_MARK_FREE: self = .markFree(index: entry)
        case DALLOC_OP_COMPACT: self = .compact(index: entry, bytes: size)
        case DALLOC_OP_PIN: self = .pin(index: entry)
        case DALLOC_OP_UNPIN: self = .unpin(index: entry)
        default: return nil
        }
    }
}
