// SPDX-License-Identifier: Apache-2.0
//
// The operations of a DELTA: the bits that each begins with, and the fields that follow. schema/wire.md has the registry.

public struct OperationKind: Equatable, Sendable {
    public let number: UInt8

    @inline(__always)
    public init(number: UInt8) { self.number = number }

    public static var alloc: OperationKind { OperationKind(number: 0) }
    public static var free: OperationKind { OperationKind(number: 1) }
    public static var resize: OperationKind { OperationKind(number: 2) }
    public static var reown: OperationKind { OperationKind(number: 3) }
    public static var failed: OperationKind { OperationKind(number: 4) }
    public static var orphan: OperationKind { OperationKind(number: 5) }
    public static var badPointer: OperationKind { OperationKind(number: 6) }
    public static var reset: OperationKind { OperationKind(number: 7) }
    public static var compact: OperationKind { OperationKind(number: 8) }
    /// The number of those that a reader passes over where it does not know more of them.
    public static var skipped: UInt8 { 11 }

    /// A set of fields, in the order in which they are written.
    public struct Fields: Sendable {
        let bits: UInt8

        public static var depth: Fields { Fields(bits: 1) }
        public static var why: Fields { Fields(bits: 2) }
        public static var size: Fields { Fields(bits: 4) }
        public static var owner: Fields { Fields(bits: 8) }
        public static var callSite: Fields { Fields(bits: 16) }
        /// The owner holds nothing, then as before.
        public static var leavesOwner: Fields { Fields(bits: 32) }
        /// The block's owner holds nothing any more.
        public static var leavesBlock: Fields { Fields(bits: 64) }

        @inline(__always)
        static func | (one: Fields, other: Fields) -> Fields { Fields(bits: one.bits | other.bits) }

        @inline(__always)
        public func has(_ field: Fields) -> Bool { bits & field.bits != 0 }
    }

    @inline(__always)
    public var fields: Fields {
        switch self {
        case .alloc: .size | .owner | .callSite
        case .free: .depth | .leavesBlock
        case .reown: .depth | .owner | .leavesBlock
        case .failed: .why | .size | .owner | .callSite | .leavesOwner
        case .orphan: .depth
        case .badPointer: .owner | .leavesOwner
        case .reset: Fields(bits: 0)
        default: .depth | .size
        }
    }

    /// The same, of a kind that is known at run time only: a device has no flash for copies.
    #if hasFeature(Embedded)
        @inline(never)
    #else
        @inline(__always)
    #endif
    public func lookUpFields() -> Fields { fields }

    /// The bits that it begins with. Low bits come first, so `0b10` is written 0, 1. Seven
    /// zeros are no operation: zeros fill the last byte.
    #if hasFeature(Embedded)
        @inline(never)
    #endif
    var code: (bits: UInt8, length: UInt8) {
        switch self {
        case .alloc: (0b1, 1)
        case .free: (0b10, 2)
        case .resize: (0b100, 3)
        case .reown: (0b0_1000, 5)
        case .failed: (0b1_1000, 5)
        // From here on four zeros and a number of three bits: 1 for an orphan.
        default: ((number &- 4) &<< 4, 7)
        }
    }
}
