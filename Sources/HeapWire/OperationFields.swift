// SPDX-License-Identifier: Apache-2.0

/// An operation as it is written: its head, and which fields follow.
public struct OperationFields {
    /// A set of fields, in the order in which they are written.
    public struct Presence: Sendable {
        let bits: UInt8

        public static var none: Presence { Presence(bits: 0) }
        public static var first: Presence { Presence(bits: 1) }
        public static var second: Presence { Presence(bits: 2) }
        public static var owner: Presence { Presence(bits: 4) }
        static var callSite: Presence { Presence(bits: 8) }

        @inline(__always)
        public static func | (one: Presence, other: Presence) -> Presence { Presence(bits: one.bits | other.bits) }

        @inline(__always)
        func has(_ field: Presence) -> Bool { bits & field.bits != 0 }
    }

    let head: UInt8
    let presence: Presence
    let first: UInt32
    let second: UInt32
    let owner: UInt64
    let callSite: UInt64

    @inline(__always)
    public var hasOwner: Bool { presence.has(.owner) }

    @inline(__always)
    public init(
        _ head: UInt8, _ presence: Presence, _ first: UInt32 = 0, _ second: UInt32 = 0, owner: UInt64 = 0,
        callSite: UInt64 = 0
    ) {
        (self.head, self.presence, self.first, self.second) = (head, presence, first, second)
        (self.owner, self.callSite) = (owner, callSite)
    }

    @inline(__always)
    public static func alloc(size: UInt32, owner: UInt64, callSite: UInt64) -> OperationFields {
        OperationFields(
            UInt8(truncatingIfNeeded: size & 15), .first | .owner | .callSite, size &>> 4, owner: owner,
            callSite: callSite)
    }

    /// A free or resize: depths below 15 fit in the head.
    @inline(__always)
    public static func block(_ kind: UInt8, depth: UInt32, size: UInt32? = nil) -> OperationFields {
        let isFar = depth >= 15
        let rest = size == nil ? Presence.none : Presence.second
        return OperationFields(
            kind | UInt8(truncatingIfNeeded: isFar ? 15 : depth), isFar ? .first | rest : rest, depth &- 15, size ?? 0)
    }
}
