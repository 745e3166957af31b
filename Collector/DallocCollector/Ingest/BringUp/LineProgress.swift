// SPDX-License-Identifier: Apache-2.0

/// How far a diagnosis is, for a person who waits.
public struct LineProgress: Sendable, Equatable {
    /// The speed that is listened at now.
    public var baud: UInt32
    public var bytes: Int
    /// Those with a sound checksum.
    public var frames: Int
    public var milliseconds: Int
}
