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
}

extension Operation {
    /// Bytes of the longest one, a `failed`: 5 bits, ticks, why, size, owner, call site.
    public static var longest: Int { (5 + 42 + 2 + 41 + 76 + 74 + 7) / 8 }

    /// As it is written.
    /// - Parameter left: the variable that owned the block until now; 0 for an orphan, and where it isn't known.
    func fields(leaving left: UInt) -> OperationFields {
        func word(_ address: UInt64) -> UInt { UInt(truncatingIfNeeded: address) }
        return switch self {
        case .alloc(let size, let owner, let callSite):
            .alloc(size: size, owner: word(owner), callSite: word(callSite))
        case .free(let depth): .free(depth: depth, left: left)
        case .resize(let depth, let size): .resize(depth: depth, size: size)
        case .reown(let depth, let owner): .reown(depth: depth, owner: word(owner), left: left)
        case .orphan(let depth): .orphan(depth: depth)
        case .failed(let size, let why, let owner, let callSite):
            .failed(size: size, why: why, owner: word(owner), callSite: word(callSite))
        case .badPointer(let owner): .badPointer(owner: word(owner))
        case .reset: .reset
        case .compact(let depth, let bytes): .compact(depth: depth, bytes: bytes)
        }
    }
}
