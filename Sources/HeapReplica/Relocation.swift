// SPDX-License-Identifier: Apache-2.0

/// The blocks that an operation moves, and how far.
public struct Relocation: Equatable, Sendable {
    /// Entry of the freed or resized block, before the operation; in a lazy heap's compaction the first that moves.
    public var cause: Int
    /// Entries of the blocks that move, before the operation.
    public var moved: Range<Int>
    /// Bytes that they move by; negative is down.
    public var distance: Int64
}
