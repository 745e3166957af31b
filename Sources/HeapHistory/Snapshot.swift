// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices/{device}/snapshot` answers: the allocation table of a heap at one moment.

public struct Snapshot: Codable, Equatable, Sendable {
    public var device: String
    public var boot: UInt32
    public var build: String
    public var heap: Int
    public var name: String
    public var baseAddress: Address
    /// Bytes of the heap; 0 where that isn't known.
    public var size: Int
    /// Bytes that blocks are aligned to.
    public var alignment: Int
    /// The heap is another allocator's: between blocks there may be anything, and blocks have no owners.
    public var watched: Bool
    /// The moment asked for.
    public var at: Timestamp
    /// The last moment at or before `at` that the device reported: nothing happened in between, or nothing
    /// is known yet of what did.
    public var time: Timestamp
    /// The last frame at or before `at`, and its time.
    public var sequence: Int
    public var frameTime: Timestamp
    /// Up to when the heap's history is known: nothing is said of what is later.
    public var knownUntil: Timestamp
    /// Bytes in use, padding included.
    public var used: Int
    /// In the order of the table, which is the order of addresses.
    public var entries: [SnapshotEntry]

    public init(
        device: String, boot: UInt32, build: String, heap: Int, name: String, baseAddress: Address, size: Int,
        alignment: Int, watched: Bool = false, at: Timestamp, time: Timestamp, sequence: Int, frameTime: Timestamp,
        knownUntil: Timestamp,
        used: Int,
        entries: [SnapshotEntry]
    ) {
        (self.device, self.boot, self.build, self.heap, self.name) = (device, boot, build, heap, name)
        (self.baseAddress, self.size, self.alignment, self.watched) = (baseAddress, size, alignment, watched)
        (self.at, self.time, self.sequence, self.frameTime) = (at, time, sequence, frameTime)
        (self.knownUntil, self.used, self.entries) = (knownUntil, used, entries)
    }
}

extension Snapshot: JSONList {
    public var elements: [SnapshotEntry] { entries }

    public func writeBeginning(to json: inout JSONWriter) {
        json.beginObject()
        json.field("alignment", alignment)
        json.field("at", at)
        json.field("base_address", baseAddress)
        json.field("boot", boot)
        json.field("build", build)
        json.field("device", device)
        json.beginArray("entries")
    }

    public func writeEnd(to json: inout JSONWriter) {
        json.endArray()
        json.field("frame_time", frameTime)
        json.field("heap", heap)
        json.field("known_until", knownUntil)
        json.field("name", name)
        json.field("sequence", sequence)
        json.field("size", size)
        json.field("time", time)
        json.field("used", used)
        json.field("watched", watched)
        json.endObject()
    }
}
