// SPDX-License-Identifier: Apache-2.0
//
// The first byte of an operation is `kkttxxxx` (schema/wire.md, DELTA). These are its bits `kk`; for the rare
// operations, `xxxx` too.

public enum OperationCode: UInt8, Sendable {
    /// `xxxx` are the low bits of the size.
    case alloc = 0x00
    /// `xxxx` is the depth, or ``farDepth``.
    case free = 0x40
    /// `xxxx` is the depth, or ``farDepth``.
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

    /// The bits `kk`.
    static var kind: UInt8 { 0xC0 }
    /// The bits `kk` and `xxxx`: all but the ticks.
    static var kindAndLow: UInt8 { 0xCF }
}
