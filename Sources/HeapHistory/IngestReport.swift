// SPDX-License-Identifier: Apache-2.0
//
// What became of a body of frames.

public struct IngestReport: Codable, Equatable, Sendable {
    /// That have greeted.
    public var devices = 0
    /// Stored now.
    public var frames = 0
    /// That were stored already.
    public var repeated = 0
    /// Passed over, because a frame before them is missing that the device still has.
    public var outOfOrder = 0
    /// That can't be read, or belong to no boot or heap that was announced.
    public var rejected = 0
    /// Gaps that begin here: stretches of history that are missing.
    public var gaps = 0

    public init() {}

    /// Adds what became of another body.
    public mutating func add(_ other: IngestReport) {
        devices = devices.addingClamped(other.devices)
        frames = frames.addingClamped(other.frames)
        repeated = repeated.addingClamped(other.repeated)
        outOfOrder = outOfOrder.addingClamped(other.outOfOrder)
        rejected = rejected.addingClamped(other.rejected)
        gaps = gaps.addingClamped(other.gaps)
    }
}
