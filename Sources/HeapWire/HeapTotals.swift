// SPDX-License-Identifier: Apache-2.0

/// What happened in a heap since it was made.
public struct HeapTotals: Equatable, Sendable {
    public var allocations: UInt64
    public var frees: UInt64
    public var failures: UInt64
    /// Blocks that compaction relocated.
    public var moves: UInt64
    /// Their bytes, padding included.
    public var bytesMoved: UInt64

    public init(
        allocations: UInt64 = 0, frees: UInt64 = 0, failures: UInt64 = 0, moves: UInt64 = 0, bytesMoved: UInt64 = 0
    ) {
        (self.allocations, self.frees, self.failures) = (allocations, frees, failures)
        (self.moves, self.bytesMoved) = (moves, bytesMoved)
    }

    /// Below 2^62, as SQLite's integers and every sum of them can hold.
    var isPlausible: Bool { (allocations | frees | failures | moves | bytesMoved) < WireLimits.tick }
}
