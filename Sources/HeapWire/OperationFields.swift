// SPDX-License-Identifier: Apache-2.0

/// An operation as it is written: its head, and which fields follow.
public struct OperationFields {
    /// A set of fields, in the order in which they are written.
    struct Presence: Sendable {
        let bits: UInt8

        static var none: Presence { Presence(bits: 0) }
        static var first: Presence { Presence(bits: 1) }
        static var second: Presence { Presence(bits: 2) }
        static var owner: Presence { Presence(bits: 4) }
        static var callSite: Presence { Presence(bits: 8) }

        @inline(__always)
        static func | (one: Presence, other: Presence) -> Presence { Presence(bits: one.bits | other.bits) }

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
    private init(
        _ code: OperationCode, low: UInt8 = 0, _ presence: Presence, _ first: UInt32 = 0, _ second: UInt32 = 0,
        owner: UInt64 = 0, callSite: UInt64 = 0
    ) {
        head = code.rawValue | low
        (self.presence, self.first, self.second) = (presence, first, second)
        (self.owner, self.callSite) = (owner, callSite)
    }

    @inline(__always)
    public static func alloc(size: UInt32, owner: UInt64, callSite: UInt64) -> OperationFields {
        OperationFields(
            .alloc, low: UInt8(truncatingIfNeeded: size & 15), .first | .owner | .callSite, size &>> 4, owner: owner,
            callSite: callSite)
    }

    @inline(__always)
    public static func free(depth: UInt32) -> OperationFields { block(.free, depth: depth) }

    @inline(__always)
    public static func resize(depth: UInt32, size: UInt32) -> OperationFields {
        block(.resize, depth: depth, .second, size)
    }

    /// A free or resize: the depth is in the first byte when it fits.
    @inline(__always)
    private static func block(
        _ code: OperationCode, depth: UInt32, _ more: Presence = .none, _ second: UInt32 = 0
    ) -> OperationFields {
        let far = OperationCode.farDepth
        let isFar = depth >= far
        return OperationFields(
            code, low: UInt8(truncatingIfNeeded: isFar ? far : depth), isFar ? .first | more : more, depth &- far,
            second)
    }

    @inline(__always)
    public static func reown(depth: UInt32, owner: UInt64) -> OperationFields {
        OperationFields(.reown, .first | .owner, depth, owner: owner)
    }

    @inline(__always)
    public static func orphan(depth: UInt32) -> OperationFields { OperationFields(.orphan, .first, depth) }

    @inline(__always)
    public static func failed(size: UInt32, why: UInt32, owner: UInt64, callSite: UInt64) -> OperationFields {
        OperationFields(
            .failed, .first | .second | .owner | .callSite, size, why, owner: owner, callSite: callSite)
    }

    @inline(__always)
    public static func badPointer(owner: UInt64) -> OperationFields {
        OperationFields(.badPointer, .owner, owner: owner)
    }

    @inline(__always)
    public static var reset: OperationFields { OperationFields(.reset, .none) }

    @inline(__always)
    public static func compact(depth: UInt32, bytes: UInt32) -> OperationFields {
        OperationFields(.compact, .first | .second, depth, bytes)
    }
}
