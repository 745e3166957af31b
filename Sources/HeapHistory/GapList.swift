// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices/{device}/gaps` answers: what of a heap's history is known to be missing.

public struct GapList: Codable, Equatable, Sendable {
    public var device: String
    public var heap: Int
    public var name: String
    public var since: Timestamp
    public var until: Timestamp
    /// The heap's first report: nothing is known of the time before; absent when there was none yet.
    public var knownSince: Timestamp?
    /// Up to when the heap's history is known; absent when nothing of it is.
    public var knownUntil: Timestamp?
    /// In the order of their beginnings.
    public var gaps: [Gap]

    public init(
        device: String, heap: Int, name: String, since: Timestamp, until: Timestamp, knownSince: Timestamp? = nil,
        knownUntil: Timestamp?, gaps: [Gap]
    ) {
        (self.device, self.heap, self.name) = (device, heap, name)
        (self.since, self.until, self.gaps) = (since, until, gaps)
        (self.knownSince, self.knownUntil) = (knownSince, knownUntil)
    }
}

extension GapList: JSONList {
    public var elements: [Gap] { gaps }

    public func writeBeginning(to json: inout JSONWriter) {
        json.beginObject()
        json.field("device", device)
        json.beginArray("gaps")
    }

    public func writeEnd(to json: inout JSONWriter) {
        json.endArray()
        json.field("heap", heap)
        json.field("known_since", knownSince)
        json.field("known_until", knownUntil)
        json.field("name", name)
        json.field("since", since)
        json.field("until", until)
        json.endObject()
    }
}
