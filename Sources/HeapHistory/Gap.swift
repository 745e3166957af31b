// SPDX-License-Identifier: Apache-2.0
//
// A stretch of a heap's history that is known to be missing.

public struct Gap: Codable, Equatable, Sendable {
    public enum Cause: String, Codable, Sendable, CaseIterable {
        /// The device's recorder was full: operations were not recorded.
        case recorderOverflow = "recorder_overflow"
        /// Frames were lost on the line for good.
        case lineLoss = "line_loss"
        /// The replayed table did not have the digest that the device sent.
        case digestMismatch = "digest_mismatch"
        /// The collector had not yet received the whole table.
        case noKeyframe = "no_keyframe"
        /// The device told of the heap in summaries, as it was to: figures and sums in place of operations.
        case summarized
        /// The device was reset or off: from its last report to the first of its next boot.
        case powerOff = "power_off"
        /// Nothing has been heard of the device since then, for longer than it lets pass between two reports.
        case silence
        /// The connection ended, and nothing has been heard of the device since.
        case disconnected
        /// What was stored can no longer be read: the disk, or another program, changed it.
        case storageDamage = "storage_damage"
        /// The device's figures contradict each other or what a heap can do.
        case implausible
        /// The collector could not work on what came, and keeps it apart.
        case setAside = "set_aside"
        /// The collector's clock was wrong, and when this happened is not known.
        case clockStep = "clock_step"
    }

    /// The last moment known before the gap; absent when nothing was known before it.
    public var start: Timestamp?
    /// The first moment known after it; absent while it lasts.
    public var end: Timestamp?
    public var cause: Cause
    /// Operations missing, where the device counted them.
    public var operations: Int?
    /// Frames missing, where the sequence numbers tell.
    public var frames: Int?

    public init(start: Timestamp?, end: Timestamp?, cause: Cause, operations: Int?, frames: Int?) {
        (self.start, self.end, self.cause) = (start, end, cause)
        (self.operations, self.frames) = (operations, frames)
    }
}

extension Gap: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("cause", cause.rawValue)
            $0.field("end", end)
            $0.field("frames", frames)
            $0.field("operations", operations)
            $0.field("start", start)
        }
    }
}
