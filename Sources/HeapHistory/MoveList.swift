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

public struct Move: Codable, Equatable, Sendable {
    public var time: Timestamp
    public var boot: UInt32
    /// The frame that carried the operation.
    public var sequence: Int
    /// The block's number in its boot; absent when it was allocated inside a gap.
    public var allocation: Int?
    public var from: Address
    public var to: Address
    /// Bytes that were copied, padding included.
    public var bytes: Int
    public var cause: MoveCause

    public init(
        time: Timestamp, boot: UInt32, sequence: Int, allocation: Int?, from: Address, to: Address, bytes: Int,
        cause: MoveCause
    ) {
        (self.time, self.boot, self.sequence, self.allocation) = (time, boot, sequence, allocation)
        (self.from, self.to, self.bytes, self.cause) = (from, to, bytes, cause)
    }
}

/// What made a block move: a free, a change of size, or a lazy heap that closed a gap.
public struct MoveCause: Codable, Equatable, Sendable {
    public enum Operation: String, Codable, Sendable {
        case free, resize, compact
    }

    public var operation: Operation
    /// The freed or resized block - of those that a lazy heap moved together, the first: its number in its boot, its entry, address,
    /// owner and old size in bytes.
    public var allocation: Int?
    public var index: Int
    public var address: Address
    public var size: Int
    public var owner: Address?

    public init(
        operation: Operation, allocation: Int?, index: Int, address: Address, size: Int, owner: Address?
    ) {
        (self.operation, self.allocation, self.index) = (operation, allocation, index)
        (self.address, self.size, self.owner) = (address, size, owner)
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

extension Move: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("allocation", allocation)
            $0.field("boot", boot)
            $0.field("bytes", bytes)
            $0.field("cause", cause)
            $0.field("from", from)
            $0.field("sequence", sequence)
            $0.field("time", time)
            $0.field("to", to)
        }
    }
}

extension MoveCause: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("address", address)
            $0.field("allocation", allocation)
            $0.field("index", index)
            $0.field("operation", operation.rawValue)
            $0.field("owner", owner)
            $0.field("size", size)
        }
    }
}
