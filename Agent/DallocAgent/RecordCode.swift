// SPDX-License-Identifier: Apache-2.0
//
// The bits `kk` of the first byte of a recorded operation; for the rare operations, `xxxx` too.

enum RecordCode: UInt8 {
    case alloc = 0x00
    case free = 0x40
    case resize = 0x80
    case reown = 0xC0
    case orphan = 0xC1
    case failed = 0xC2
    case badPointer = 0xC3
    case reset = 0xC4
    case compact = 0xC5

    /// As `xxxx`: the depth is this or more, and a number with the rest follows.
    static var farDepth: UInt32 { 15 }
    /// As `tt`: this many ticks or more have passed, and a number with the rest follows.
    static var farTicks: UInt32 { 3 }
}

/// How the owner of a recorded operation begins.
enum RecordOwner {
    static var none: UInt32 { 0 }
    static var latest: UInt32 { 1 }
    static var second: UInt32 { 2 }
    /// A number follows: the distance in bytes, zig-zag.
    static var far: UInt32 { 3 }
    /// From here on: the distance in pointers, zig-zag.
    static var near: UInt32 { 4 }
}
