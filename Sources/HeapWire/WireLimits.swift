// SPDX-License-Identifier: Apache-2.0
//
// The limits of schema/wire.md. Both sides refuse what exceeds them.

public enum WireLimits {
    /// The version of the format that this code speaks.
    public static var version: UInt32 { 2 }
    /// Longest payload of a frame, in bytes, checksum and stuffing not included.
    public static var payload: Int { 4096 }
    /// Bytes of the CRC-32 after a payload.
    public static var checksum: Int { 4 }
    /// Longest device id and build, in bytes.
    public static var identifier: Int { 64 }
    /// Longest heap name, in bytes.
    public static var heapName: Int { 32 }
    /// Most heaps of one device.
    public static var heaps: Int { 16 }
    /// Highest number of entries in a heap's table.
    public static var table: UInt32 { 65535 }
    /// The same of a watched heap.
    public static var watchedTable: UInt32 { 1_048_576 }
    /// Most bytes of all extension fields of a frame.
    public static var extensions: Int { 256 }
    /// Highest tag of an extension field.
    public static var extensionTag: UInt32 { 65535 }
    /// Longest payload of a frame from the collector, in bytes, for a device that doesn't say that it takes longer ones.
    public static var reply: Int { 26 }
    /// The same for a device that does.
    public static var longReply: Int { 512 }
    /// Highest tick: far beyond any device's life, and safe to calculate with.
    public static var tick: UInt64 { 0x4000_0000_0000_0000 }
    /// The bytes of a sum are fewer.
    public static var sum: UInt64 { 0x4000_0000_0000_0000 }
}
