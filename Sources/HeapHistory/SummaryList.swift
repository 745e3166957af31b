// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices/{device}/summaries` answers: what a device told of a heap in place of its operations, a page at a time.

public struct SummaryList: Codable, Equatable, Sendable {
    public var device: String
    public var heap: Int
    public var name: String
    public var since: Timestamp
    public var until: Timestamp
    /// Who allocated in the whole range, the most bytes first, others last; absent on later pages.
    public var allocatedBy: [AllocationShare]?
    /// In order of time.
    public var summaries: [Summary]
    /// Up to when the heap's history is known; absent when nothing of it is.
    public var knownUntil: Timestamp?
    /// Ask again with `after` set to it: there is more. Absent at the end.
    public var next: String?
    public var gaps: [Gap]

    public init(
        device: String, heap: Int, name: String, since: Timestamp, until: Timestamp, allocatedBy: [AllocationShare]?,
        summaries: [Summary], knownUntil: Timestamp?, next: String? = nil, gaps: [Gap]
    ) {
        (self.device, self.heap, self.name, self.since, self.until) = (device, heap, name, since, until)
        (self.allocatedBy, self.summaries) = (allocatedBy, summaries)
        (self.knownUntil, self.next, self.gaps) = (knownUntil, next, gaps)
    }
}

extension SummaryList: JSONList {
    public var elements: [Summary] { summaries }
    public var bytes: Int { summaries.reduce(0) { $0.addingClamped($1.bytesInMemory) } }

    public func writeBeginning(to json: inout JSONWriter) {
        json.beginObject()
        if let allocatedBy { json.field("allocated_by", allocatedBy) }
        json.field("device", device)
        json.field("gaps", gaps)
        json.field("heap", heap)
        json.field("known_until", knownUntil)
        json.field("name", name)
        if let next { json.field("next", next) }
        json.field("since", since)
        json.beginArray("summaries")
    }

    public func writeEnd(to json: inout JSONWriter) {
        json.endArray()
        json.field("until", until)
        json.endObject()
    }
}
