// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices/{device}/operations` answers: everything that happened in a heap, in order, a page at a time.

public struct OperationList: Codable, Equatable, Sendable {
    public var device: String
    public var heap: Int
    public var name: String
    public var since: Timestamp
    public var until: Timestamp
    public var operations: [HeapOperation]
    /// Up to when the heap's history is known; absent when nothing of it is.
    public var knownUntil: Timestamp?
    /// Ask again with `after` set to it: there is more. Absent at the end.
    public var next: String?
    /// Stretches in which operations are known to be missing.
    public var gaps: [Gap]

    public init(
        device: String, heap: Int, name: String, since: Timestamp, until: Timestamp, operations: [HeapOperation],
        knownUntil: Timestamp?, next: String? = nil, gaps: [Gap]
    ) {
        (self.device, self.heap, self.name, self.since, self.until) = (device, heap, name, since, until)
        (self.operations, self.knownUntil, self.next, self.gaps) = (operations, knownUntil, next, gaps)
    }
}

extension OperationList: JSONList {
    public var elements: [HeapOperation] { operations }

    public func writeBeginning(to json: inout JSONWriter) {
        json.beginObject()
        json.field("device", device)
        json.field("gaps", gaps)
        json.field("heap", heap)
        json.field("known_until", knownUntil)
        json.field("name", name)
        if let next { json.field("next", next) }
        json.beginArray("operations")
    }

    public func writeEnd(to json: inout JSONWriter) {
        json.endArray()
        json.field("since", since)
        json.field("until", until)
        json.endObject()
    }
}
