// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices/{device}/moves` answers: the blocks that compaction relocated, in the order it did.

public struct MoveList: Codable, Equatable, Sendable {
    public var device: String
    public var heap: Int
    public var name: String
    public var since: Timestamp
    public var until: Timestamp
    public var moves: [Move]
    /// True when `limit` cut the list: the latest moves are in it, earlier ones are not.
    public var truncated: Bool
    /// Up to when the heap's history is known; absent when nothing of it is.
    public var knownUntil: Timestamp?
    /// Where the search ended because it had done as much work as one question may; absent when it came to `until`.
    public var stoppedAt: Timestamp?
    /// Stretches in which moves are known to be missing.
    public var gaps: [Gap]

    public init(
        device: String, heap: Int, name: String, since: Timestamp, until: Timestamp, moves: [Move],
        truncated: Bool, knownUntil: Timestamp?, stoppedAt: Timestamp? = nil, gaps: [Gap]
    ) {
        (self.device, self.heap, self.name, self.since, self.until) = (device, heap, name, since, until)
        (self.moves, self.truncated, self.gaps) = (moves, truncated, gaps)
        (self.knownUntil, self.stoppedAt) = (knownUntil, stoppedAt)
    }
}

extension MoveList: JSONList {
    public var elements: [Move] { moves }

    public func writeBeginning(to json: inout JSONWriter) {
        json.beginObject()
        json.field("device", device)
        json.field("gaps", gaps)
        json.field("heap", heap)
        json.field("known_until", knownUntil)
        json.beginArray("moves")
    }

    public func writeEnd(to json: inout JSONWriter) {
        json.endArray()
        json.field("name", name)
        json.field("since", since)
        json.field("stopped_at", stoppedAt)
        json.field("truncated", truncated)
        json.field("until", until)
        json.endObject()
    }
}
