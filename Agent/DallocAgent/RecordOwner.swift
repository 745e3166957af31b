// SPDX-License-Identifier: Apache-2.0

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
