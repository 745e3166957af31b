// SPDX-License-Identifier: Apache-2.0
//
// Pointer variables that are within the heap themselves, and move with the blocks that they are in.

internal import HeapWire

extension HeapReplica {
    /// The device has entries that are not known.
    var hasMissing: Bool { known < liveBlocks }

    /// Where the last entry ends. While entries are missing that is unknown; but a program has no variable after them, so the end
    /// of the heap serves.
    var endOfAll: UInt64 { hasMissing ? UInt64(wide: layout.size) : end }

    /// Pointer variables within the blocks [from, to) move with them.
    mutating func moveOwners(from: UInt64, to: UInt64, by distance: UInt64) {
        let (start, length) = (layout.baseAddress &+ from, to &- from)
        guard length > 0 else { return }
        countSteps(Int(known))
        let highest = layout.pointerWidth == 8 ? UInt64.max : 0xFFFF_FFFF
        for index in 0..<Int(known) where entries[index].owner &- start < length {
            entries[index].owner = (entries[index].owner &+ distance) & highest
        }
    }

    mutating func hasOwner(from: UInt64, to: UInt64) -> Bool {
        let (start, length) = (layout.baseAddress &+ from, to &- from)
        countSteps(Int(known))
        for index in 0..<Int(known) where entries[index].owner &- start < length { return true }
        return false
    }
}
