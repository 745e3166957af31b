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
