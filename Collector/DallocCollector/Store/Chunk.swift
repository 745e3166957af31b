// SPDX-License-Identifier: Apache-2.0
//
// Many frames of a heap in one row. The body holds them in order, each as
//
//   varint    bytes of the payload * 4 + 2 when a state follows + 1 when the frame was exact
//   varint    microseconds since the frame before, zig-zag; since first_time at the first
//   payload   KEYFRAME or DELTA of schema/wire.md, without checksum and stuffing
//   varint    bytes of the state, and the state (Checkpoint.swift), when one follows

internal import GRDB
internal import HeapHistory
internal import HeapWire

struct Chunk: Equatable, Sendable {
    var frames: [StoredFrame]

    /// What one holds at most.
    static let mostBytes = 65_536
    static let mostFrames = 512
    /// A chunk with fewer bytes that spans less than a day takes the heap's next frames, too: devices that report rarely would
    /// have a row for each.
    private static let fewestBytes = 4096
    private static let longest: Int64 = 86_400_000_000

    /// Divides frames, in order, into chunks.
    static func divide(_ frames: some Sequence<StoredFrame>) -> [Chunk] {
        var chunks: [Chunk] = []
        var bytes = 0
        for frame in frames {
            let size = frame.payload.count + (frame.state?.count ?? 0) + 8
            let isFull = bytes + size > mostBytes || chunks.last?.frames.count == mostFrames
            if chunks.isEmpty || isFull {
                chunks.append(Chunk(frames: []))
                bytes = 0
            }
            chunks[chunks.count - 1].frames.append(frame)
            bytes += size
        }
        assert(chunks.allSatisfy { !$0.frames.isEmpty && $0.frames.count <= mostFrames })
        return chunks
    }

    /// Adds a heap's next frames, in order.
    static func store(_ frames: [StoredFrame], of heapID: Int64, _ db: Database) throws {
        guard let first = frames.first else { return }
        let room = try room(after: heapID, at: first.time, db)
        let continued = divide(frames.prefix(room?.frames ?? 0)).first
        if let room, let continued { try continued.append(db, to: room) }
        for chunk in divide(frames.dropFirst(continued?.frames.count ?? 0)) { try chunk.insert(db, heapID: heapID) }
    }

    /// The room in the heap's last chunk, when that is short.
    private struct Room {
        var chunk: Int64
        var lastTime: Timestamp
        var frames: Int
    }

    private static func room(after heapID: Int64, at time: Timestamp, _ db: Database) throws -> Room? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT id, last_time, frames, length(body), first_time FROM chunks WHERE heap_id = ?
                    ORDER BY first_sequence DESC LIMIT 1
                    """), arguments: [heapID])
        guard let row, row[3] < fewestBytes, row[2] < mostFrames, time.microseconds.subtractingClamped(row[4]) < longest
        else {
            return nil
        }
        return Room(chunk: row[0], lastTime: Timestamp(microseconds: row[1]), frames: mostFrames - row[2])
    }

    private func append(_ db: Database, to room: Room) throws {
        guard let last = frames.last else { return }
        // `||` makes a text of two blobs, byte for byte.
        let statement = try db.cachedStatement(
            sql: """
                UPDATE chunks SET last_sequence = ?, last_time = ?, frames = frames + ?, body = CAST(body || ? AS BLOB)
                WHERE id = ?
                """)
        try statement.execute(arguments: [
            Int64(last.sequence), last.time.microseconds, frames.count,
            body(since: room.lastTime).withUnsafeBytes { blob($0) }, room.chunk,
        ])
    }

    private func insert(_ db: Database, heapID: Int64) throws {
        guard let first = frames.first, let last = frames.last else { return }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO chunks (heap_id, first_sequence, last_sequence, first_time, last_time, frames, body)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            heapID, Int64(first.sequence), Int64(last.sequence), first.time.microseconds, last.time.microseconds,
            frames.count, body.withUnsafeBytes { blob($0) },
        ])
    }

    // MARK: The body

    var body: [UInt8] { body(since: frames.first?.time ?? Timestamp(microseconds: 0)) }

    /// - Parameter time: of the frame before.
    private func body(since time: Timestamp) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(frames.reduce(0) { $0 + $1.payload.count + ($1.state?.count ?? 0) + 12 })
        var time = time.microseconds
        for frame in frames {
            let flags = (frame.state == nil ? 0 : 2) + (frame.isExact ? 1 : 0)
            Varint.append(UInt64(frame.payload.count * 4 + flags), to: &bytes)
            Varint.append(Varint.zigzag(frame.time.microseconds &- time), to: &bytes)
            bytes += frame.payload
            if let state = frame.state {
                Varint.append(UInt64(state.count), to: &bytes)
                bytes += state
            }
            time = frame.time.microseconds
        }
        return bytes
    }

    /// Nil when the bytes can't be read.
    init?(body: [UInt8], firstTime: Timestamp) {
        frames = []
        let isRead = body.withUnsafeBufferPointer { buffer -> Bool in
            guard let base = buffer.baseAddress else { return true }
            var reader = PayloadReader(base, count: buffer.count)
            var time = firstTime.microseconds
            do throws(Malformed) {
                while reader.remaining > 0 {
                    let head = try reader.varint()
                    time = time &+ Varint.unzigzag(try reader.varint())
                    let payload = try reader.bytes(count: head / 4)
                    let state = head & 2 == 0 ? nil : Array(try reader.bytes(count: try reader.varint()))
                    guard let start = payload.baseAddress else { return false }
                    let frame = try StateFrame(payload: start, count: payload.count)
                    frames.append(
                        StoredFrame(
                            sequence: frame.state.sequence, time: Timestamp(microseconds: time),
                            isExact: head & 1 != 0, payload: Array(payload), state: state))
                }
                return true
            } catch {
                return false
            }
        }
        guard isRead else { return nil }
    }

    init(frames: [StoredFrame]) {
        self.frames = frames
    }
}
