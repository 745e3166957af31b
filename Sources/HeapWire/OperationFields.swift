// SPDX-License-Identifier: Apache-2.0

/// An operation as it is written: its first bits, and which fields follow.
public struct OperationFields {
    /// A set of fields, in the order in which they are written.
    struct Presence {
        let bits: UInt8

        static var none: Presence { Presence(bits: 0) }
        static var depth: Presence { Presence(bits: 1) }
        static var size: Presence { Presence(bits: 2) }
        static var owner: Presence { Presence(bits: 4) }
        static var callSite: Presence { Presence(bits: 8) }
        /// Why an allocation failed, before its size.
        static var why: Presence { Presence(bits: 16) }
        /// Its owner holds nothing, then as before.
        static var leavesOwner: Presence { Presence(bits: 32) }
        /// Another variable holds nothing any more.
        static var leavesOther: Presence { Presence(bits: 64) }

        @inline(__always)
        static func | (one: Presence, other: Presence) -> Presence { Presence(bits: one.bits | other.bits) }

        @inline(__always)
        func has(_ field: Presence) -> Bool { bits & field.bits != 0 }
    }

    let code: OperationCode
    let presence: Presence
    /// Or why an allocation failed.
    let depth: UInt32
    let size: UInt32
    let owner: UInt
    /// The variable that owned the block until now; 0 for an orphan, and where it isn't known.
    let left: UInt
    let callSite: UInt

    @inline(__always)
    private init(
        _ code: OperationCode, _ presence: Presence, depth: UInt32 = 0, size: UInt32 = 0, owner: UInt = 0,
        left: UInt = 0, callSite: UInt = 0
    ) {
        (self.code, self.presence, self.depth, self.size) = (code, presence, depth, size)
        (self.owner, self.left, self.callSite) = (owner, left, callSite)
    }

    @inline(__always)
    public static func alloc(size: UInt32, owner: UInt, callSite: UInt) -> OperationFields {
        OperationFields(.alloc, .size | .owner | .callSite, size: size, owner: owner, callSite: callSite)
    }

    @inline(__always)
    public static func free(depth: UInt32, left: UInt) -> OperationFields {
        OperationFields(.free, .depth | .leavesOther, depth: depth, left: left)
    }

    @inline(__always)
    public static func resize(depth: UInt32, size: UInt32) -> OperationFields {
        OperationFields(.resize, .depth | .size, depth: depth, size: size)
    }

    @inline(__always)
    public static func reown(depth: UInt32, owner: UInt, left: UInt) -> OperationFields {
        OperationFields(.reown, .depth | .owner | .leavesOther, depth: depth, owner: owner, left: left)
    }

    @inline(__always)
    public static func orphan(depth: UInt32) -> OperationFields { OperationFields(.orphan, .depth, depth: depth) }

    /// - Parameter why: 0 no room, 1 table full, 2 size 0.
    @inline(__always)
    public static func failed(size: UInt32, why: UInt32, owner: UInt, callSite: UInt) -> OperationFields {
        OperationFields(
            .failed, .why | .owner | .callSite | .leavesOwner, depth: why, size: size, owner: owner,
            callSite: callSite)
    }

    @inline(__always)
    public static func badPointer(owner: UInt) -> OperationFields {
        OperationFields(.badPointer, .owner | .leavesOwner, owner: owner)
    }

    @inline(__always)
    public static var reset: OperationFields { OperationFields(.reset, .none) }

    @inline(__always)
    public static func compact(depth: UInt32, bytes: UInt32) -> OperationFields {
        OperationFields(.compact, .depth | .size, depth: depth, size: bytes)
    }
}
