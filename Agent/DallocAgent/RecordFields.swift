// SPDX-License-Identifier: Apache-2.0

// An operation as a recorder keeps it until the next poll: in few bytes, and quickly written. Nobody but the agent reads it.

internal import HeapWire

/// Its head, `kkttxxxx`, and which fields follow. `kk` is 0 for an alloc, and `xxxx` are the low bits of its size; 1 for a free
/// and 2 for a resize, and `xxxx` is the depth, or 15 when a number with the rest follows; 3 for the rare ones, of which
/// `xxxx` is the number. `tt` are the ticks since the operation before, or 3 when a number with the rest follows.
struct RecordFields {
    /// A set of fields, in the order in which they are written.
    struct Presence: Sendable {
        let bits: UInt8

        static var none: Presence { Presence(bits: 0) }
        static var first: Presence { Presence(bits: 1) }
        static var second: Presence { Presence(bits: 2) }
        static var owner: Presence { Presence(bits: 4) }
        static var callSite: Presence { Presence(bits: 8) }
        /// Another variable holds nothing any more.
        static var left: Presence { Presence(bits: 16) }
        /// Its owner holds nothing, then as before.
        static var leavesOwner: Presence { Presence(bits: 32) }

        @inline(__always)
        static func | (one: Presence, other: Presence) -> Presence { Presence(bits: one.bits | other.bits) }

        @inline(__always)
        func has(_ field: Presence) -> Bool { bits & field.bits != 0 }
    }

    let head: UInt8
    let presence: Presence
    let first: UInt32
    let second: UInt32
    let owner: UInt
    let callSite: UInt
    /// The variable that owned the block until now; 0 for an orphan.
    let left: UInt

    @inline(__always)
    var hasOwner: Bool { presence.has(.owner) }

    @inline(__always)
    private init(
        _ code: RecordCode, low: UInt8 = 0, _ presence: Presence, _ first: UInt32 = 0, _ second: UInt32 = 0,
        owner: UInt = 0, callSite: UInt = 0, left: UInt = 0
    ) {
        head = code.rawValue | low
        (self.presence, self.first, self.second) = (presence, first, second)
        (self.owner, self.callSite, self.left) = (owner, callSite, left)
    }

    @inline(__always)
    static func alloc(size: UInt32, owner: UInt, callSite: UInt) -> RecordFields {
        RecordFields(
            .alloc, low: UInt8(truncatingIfNeeded: size & 15), .first | .owner | .callSite, size &>> 4, owner: owner,
            callSite: callSite)
    }

    @inline(__always)
    static func free(depth: UInt32, left: UInt) -> RecordFields { block(.free, depth: depth, .left, left: left) }

    @inline(__always)
    static func resize(depth: UInt32, size: UInt32) -> RecordFields {
        block(.resize, depth: depth, .second, size)
    }

    /// A free or resize: the depth is in the first byte when it fits.
    @inline(__always)
    private static func block(
        _ code: RecordCode, depth: UInt32, _ more: Presence = .none, _ second: UInt32 = 0, left: UInt = 0
    ) -> RecordFields {
        let far = RecordCode.farDepth
        let isFar = depth >= far
        return RecordFields(
            code, low: UInt8(truncatingIfNeeded: isFar ? far : depth), isFar ? .first | more : more, depth &- far,
            second, left: left)
    }

    @inline(__always)
    static func reown(depth: UInt32, owner: UInt, left: UInt) -> RecordFields {
        RecordFields(.reown, .first | .owner | .left, depth, owner: owner, left: left)
    }

    @inline(__always)
    static func orphan(depth: UInt32) -> RecordFields { RecordFields(.orphan, .first, depth) }

    @inline(__always)
    static func failed(size: UInt32, why: UInt32, owner: UInt, callSite: UInt) -> RecordFields {
        RecordFields(
            .failed, .first | .second | .owner | .callSite | .leavesOwner, size, why, owner: owner, callSite: callSite)
    }

    @inline(__always)
    static func badPointer(owner: UInt) -> RecordFields {
        RecordFields(.badPointer, .owner | .leavesOwner, owner: owner)
    }

    @inline(__always)
    static var reset: RecordFields { RecordFields(.reset, .none) }

    @inline(__always)
    static func compact(depth: UInt32, bytes: UInt32) -> RecordFields {
        RecordFields(.compact, .first | .second, depth, bytes)
    }
}
