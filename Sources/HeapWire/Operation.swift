// SPDX-License-Identifier: Apache-2.0
//
// One operation of a heap. Blocks are named by their depth: how far their entry is from the end of the table,
// because most frees are of recent blocks.

public enum Operation: Equatable, Sendable {
    /// A block of `size` bytes is appended. The owner is 0 only in a stream that lost it, the call site where the heap has none.
    case alloc(size: UInt32, owner: UInt64, callSite: UInt64 = 0)
    case free(depth: UInt32)
    case resize(depth: UInt32, size: UInt32)
    case reown(depth: UInt32, owner: UInt64)
    case orphan(depth: UInt32)
    case failed(size: UInt32, why: UInt32)
    case badPointer(owner: UInt64)
    case reset
    /// In a lazy heap, blocks of `bytes` bytes, from this one on, move down to the end of the one before.
    case compact(depth: UInt32, bytes: UInt32)
}

extension Operation {
    /// Bytes of the longest one.
    public static var longest: Int { 1 + 5 + 5 + OwnerCode.longest + Varint.longest }

    /// Writes the operation, `elapsed` ticks after the one before it, at `bytes`, which must have room for ``longest``. Returns
    /// how many it took.
    public func write(
        elapsed: UInt32, codes: inout OperationCodes, to bytes: UnsafeMutablePointer<UInt8>
    ) -> Int {
        codes.write(fields, elapsed: elapsed, to: bytes)
    }

    private var fields: OperationFields {
        switch self {
        case .alloc(let size, let owner, let callSite): .alloc(size: size, owner: owner, callSite: callSite)
        case .free(let depth): .block(0x40, depth: depth)
        case .resize(let depth, let size): .block(0x80, depth: depth, size: size)
        case .reown(let depth, let owner): OperationFields(0xC0, .first | .owner, depth, owner: owner)
        case .orphan(let depth): OperationFields(0xC1, .first, depth)
        case .failed(let size, let why): OperationFields(0xC2, .first | .second, size, why)
        case .badPointer(let owner): OperationFields(0xC3, .owner, owner: owner)
        case .reset: OperationFields(0xC4, .none)
        case .compact(let depth, let bytes): OperationFields(0xC5, .first | .second, depth, bytes)
        }
    }
}
