// SPDX-License-Identifier: Apache-2.0

internal import HeapWire

/// How the owner of a recorded operation begins.
enum RecordOwner {
    static var latest: UInt32 { OwnerCode.latest }
    static var second: UInt32 { OwnerCode.second }
    static var none: UInt32 { OwnerCode.none }
    /// A number follows: the distance in bytes, zig-zag.
    static var far: UInt32 { 3 }
    /// From here on: the distance in pointers, zig-zag.
    static var near: UInt32 { 4 }
}
