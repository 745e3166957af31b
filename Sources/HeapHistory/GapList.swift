// What `GET /v1/devices/{device}/gaps` answers: what of a heap's history is known to be missing.

public struct GapList: Codable, Equatable, Sendable {
    public var device: String
    public var heap: Int
    public var name: String
    public var since: Timestamp
    public var until: Timestamp
    /// Up to when the heap's history is known; absent when nothing of it is.
    public var knownUntil: Timestamp?
    /// In the order of their beginnings.
    public var gaps: [Gap]

    public init(
        device: String, heap: Int, name: String, since: Timestamp, until: Timestamp, knownUntil: Timestamp?, gaps: [Gap]
    ) {
        (self.device, self.heap, self.name) = (device, heap, name)
        (self.since, self.until, self.knownUntil, self.gaps) = (since, until, knownUntil, gaps)
    }
}

extension GapList: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("device", device)
            $0.field("gaps", gaps)
            $0.field("heap", heap)
            $0.field("known_until", knownUntil)
            $0.field("name", name)
            $0.field("since", since)
            $0.field("until", until)
        }
    }
}
