// SPDX-License-Identifier: Apache-2.0
//
// Widening that Embedded Swift can compile without allocations: on 32-bit targets UInt64's generic initialisers go
// through an array of words, which -no-allocations refuses; this one is concrete.

extension UInt64 {
    @inline(__always)
    public init(wide value: UInt32) {
        self.init(_truncatingBits: UInt(value))
    }

    @inline(__always)
    public init(wide value: UInt8) {
        self.init(_truncatingBits: UInt(value))
    }

    /// Of a count, which is never negative.
    @inline(__always)
    public init(wide count: Int) {
        self.init(_truncatingBits: UInt(bitPattern: count))
    }
}
