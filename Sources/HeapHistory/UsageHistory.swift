// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices/{device}/history` answers: the heap's figures over time, a point for each step.

public struct UsageHistory: Codable, Equatable, Sendable {
    public var device: String
    public var heap: Int
    public var name: String
    /// Bytes of the heap.
    public var size: Int
    public var since: Timestamp
    public var until: Timestamp
    /// Up to when the heap's history is known; absent when nothing of it is. What is later is unknown, not quiet.
    public var knownUntil: Timestamp?
    /// Width of a point, in microseconds.
    public var stepMicroseconds: Int64
    /// In order of time. A step in which no frame came has no point: nothing is interpolated.
    public var points: [UsagePoint]
    /// Stretches in which operations are known to be missing.
    public var gaps: [Gap]

    public init(
        device: String, heap: Int, name: String, size: Int, since: Timestamp, until: Timestamp,
        knownUntil: Timestamp?, stepMicroseconds: Int64, points: [UsagePoint], gaps: [Gap]
    ) {
        (self.device, self.heap, self.name, self.size) = (device, heap, name, size)
        (self.since, self.until, self.knownUntil) = (since, until, knownUntil)
        self.stepMicroseconds = stepMicroseconds
        (self.points, self.gaps) = (points, gaps)
    }
}

public struct UsagePoint: Codable, Equatable, Sendable {
    /// Start of the step.
    public var time: Timestamp
    /// The boot that the last frame of the step belongs to.
    public var boot: UInt32
    /// Bytes of the heap in that boot.
    public var size: Int
    /// Bytes in use at the last frame of the step, padding included.
    public var used: Int
    /// Blocks in it at the last frame of the step.
    public var liveBlocks: Int
    /// Highest `used` within the step.
    public var peak: Int
    /// Allocations, frees and failures that happened within the step.
    public var allocated: Int
    public var freed: Int
    public var failures: Int
    /// Blocks that compaction relocated within the step, and their bytes.
    public var moves: Int
    public var bytesMoved: Int

    public init(
        time: Timestamp, boot: UInt32, size: Int, used: Int, liveBlocks: Int, peak: Int, allocated: Int,
        freed: Int, failures: Int, moves: Int, bytesMoved: Int
    ) {
        (self.time, self.boot, self.size) = (time, boot, size)
        (self.used, self.liveBlocks, self.peak) = (used, liveBlocks, peak)
        (self.allocated, self.freed, self.failures) = (allocated, freed, failures)
        (self.moves, self.bytesMoved) = (moves, bytesMoved)
    }
}

extension UsageHistory: JSONList {
    public var elements: [UsagePoint] { points }

    public func writeBeginning(to json: inout JSONWriter) {
        json.beginObject()
        json.field("device", device)
        json.field("gaps", gaps)
        json.field("heap", heap)
        json.field("known_until", knownUntil)
        json.field("name", name)
        json.beginArray("points")
    }

    public func writeEnd(to json: inout JSONWriter) {
        json.endArray()
        json.field("since", since)
        json.field("size", size)
        json.field("step_microseconds", stepMicroseconds)
        json.field("until", until)
        json.endObject()
    }
}

extension UsagePoint: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("allocated", allocated)
            $0.field("boot", boot)
            $0.field("bytes_moved", bytesMoved)
            $0.field("failures", failures)
            $0.field("freed", freed)
            $0.field("live_blocks", liveBlocks)
            $0.field("moves", moves)
            $0.field("peak", peak)
            $0.field("size", size)
            $0.field("time", time)
            $0.field("used", used)
        }
    }
}
