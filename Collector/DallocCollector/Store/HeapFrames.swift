// SPDX-License-Identifier: Apache-2.0
//
// Reads a heap's frames, wherever they are: gathered in chunks, or still among the arrivals. Lives as long as one read transaction.

internal import GRDB
internal import HeapHistory
internal import HeapWire

final class HeapFrames {
    let heapID: Int64
    private let db: Database
    /// What is not in chunks, in order.
    private let arrivals: [ArrivalIndex.Entry]
    private var cached: (id: Int64, chunk: Chunk)?

    /// - Parameter tail: what the ``ArrivalIndex`` said before the transaction began.
    init(_ db: Database, heapID: Int64, arrivals: ArrivalIndex.Heap?) throws {
        (self.db, self.heapID) = (db, heapID)
        let gathered = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT last_sequence FROM heaps WHERE id = ?"), arguments: [heapID])
        let entries = arrivals?.entries ?? []
        let start = entries.firstIndex { Int64($0.sequence) > gathered ?? 0 } ?? entries.count
        self.arrivals = Array(entries[start...])
    }

    // MARK: Single frames

    /// The last frame up to and with a sequence number.
    func last(through sequence: Int64) throws -> StoredFrame? {
        if let entry = arrivals.last(where: { Int64($0.sequence) <= sequence }) { return try frame(entry) }
        return try chunk("first_sequence <= ? ORDER BY first_sequence DESC", sequence)?
            .frames.last { Int64($0.sequence) <= sequence }
    }

    /// What the last frame up to and with a sequence number says whose figures are known; nil when that was too long ago.
    func lastReported(through sequence: Int64) throws -> HeapState? {
        if let state = try last(through: sequence)?.reported { return state }
        var found: HeapState?
        try forEachBackwards(through: sequence) { frame in
            found = frame.reported
            return found == nil
        }
        return found
    }

    /// The last frame up to and with a moment.
    func last(at time: Timestamp) throws -> StoredFrame? {
        if let entry = arrivals.last(where: { $0.time <= time }) { return try frame(entry) }
        return try chunk("first_time <= ? ORDER BY first_time DESC, first_sequence DESC", time.microseconds)?
            .frames.last { $0.time <= time }
    }

    func next(after sequence: UInt32) throws -> StoredFrame? {
        var next: StoredFrame?
        try forEach(after: Int64(sequence)) {
            next = $0
            return false
        }
        return next
    }

    /// The time of the first frame that is still there.
    func firstTime() throws -> Timestamp? {
        let first = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT first_time FROM chunks WHERE heap_id = ? ORDER BY first_sequence LIMIT 1"),
            arguments: [heapID])
        return first.map { Timestamp(microseconds: $0) } ?? arrivals.first?.time
    }

    // MARK: Many frames

    /// The frames after a sequence number, in order, until `body` returns false, or the question's ``WorkBudget`` is used up.
    func forEach(after sequence: Int64, _ body: (StoredFrame) throws -> Bool) throws {
        let work = WorkBudget.current
        func goesOn(_ frame: StoredFrame) throws -> Bool {
            work?.spend(frame: frame.payload)
            return try work?.isOver != true && body(frame)
        }
        var chunk = try chunk("first_sequence <= ? ORDER BY first_sequence DESC", sequence)
        if chunk == nil { chunk = try self.chunk("first_sequence > ? ORDER BY first_sequence", sequence) }
        while let frames = chunk?.frames, let end = frames.last?.sequence {
            for frame in frames where Int64(frame.sequence) > sequence {
                guard try goesOn(frame) else { return }
            }
            chunk = try self.chunk("first_sequence > ? ORDER BY first_sequence", Int64(end))
        }
        for entry in arrivals where Int64(entry.sequence) > sequence {
            guard let frame = try frame(entry) else { continue }
            guard try goesOn(frame) else { return }
        }
    }

    /// The figures of frames that are not in chunks, from a moment on.
    func arrivals(since: Timestamp) throws -> [FrameRecord] {
        try arrivals.lazy.filter { $0.time >= since }.compactMap { try self.arrival($0).map { FrameRecord($0) } }
    }

    /// The frame before the last chunk whose first frame does not satisfy `isLate`, which holds for all frames from some one on.
    /// So the first
    /// frame that satisfies it comes after the returned number.
    func chunkBefore(_ isLate: (StoredFrame) -> Bool) throws -> Int64 {
        let ids = try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT first_sequence FROM chunks WHERE heap_id = ? ORDER BY first_sequence"),
            arguments: [heapID])
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            guard let first = try last(through: ids[middle]) else { break }
            if isLate(first) { high = middle } else { low = middle + 1 }
        }
        return low == 0 ? 0 : ids[low - 1].subtractingClamped(1)
    }

    // MARK: What a table is made from

    /// The material for the table after frame `sequence`, or after the last frame before it.
    func material(through sequence: Int64) throws -> ReplayMaterial {
        var frames: [StoredFrame] = []
        try forEachBackwards(through: sequence) { frame in
            frames.append(frame)
            return frame.state == nil
        }
        return ReplayMaterial(backwards: frames)
    }

    /// The last frame, what the last one says whose figures are known, and the material for the table after it: in one walk.
    func end() throws -> (last: StoredFrame?, reported: HeapState?, material: ReplayMaterial) {
        var (frames, reported) = ([StoredFrame](), HeapState?.none)
        try forEachBackwards(through: Int64(UInt32.max)) { frame in
            if reported == nil { reported = frame.reported }
            if frames.last?.state == nil { frames.append(frame) }
            return frames.last?.state == nil || reported == nil
        }
        return (frames.first, reported, ReplayMaterial(backwards: frames))
    }

    /// The frames up to and with a sequence number, the last one first, until `body` returns false, or there were more than a
    /// table is made from.
    private func forEachBackwards(through sequence: Int64, _ body: (StoredFrame) -> Bool) throws {
        var count = 0
        /// False when the search is over.
        func take(_ frame: StoredFrame) -> Bool {
            count += 1
            return body(frame) && count <= ReplayMaterial.mostFrames
        }
        var isSearching = true
        for entry in arrivals.reversed() where isSearching && Int64(entry.sequence) <= sequence {
            if let frame = try frame(entry) { isSearching = take(frame) }
        }
        var chunk =
            isSearching ? try chunk("first_sequence <= ? ORDER BY first_sequence DESC", sequence) : nil
        while isSearching, let found = chunk, let first = found.frames.first {
            for frame in found.frames.reversed() where isSearching && Int64(frame.sequence) <= sequence {
                isSearching = take(frame)
            }
            if isSearching {
                chunk = try self.chunk("first_sequence < ? ORDER BY first_sequence DESC", Int64(first.sequence))
            }
        }
    }

    // MARK: The database

    private func chunk(_ condition: String, _ value: Int64) throws -> Chunk? {
        // First the index alone: most questions are about the chunk that was read last.
        let id = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM chunks WHERE heap_id = ? AND \(condition) LIMIT 1"),
            arguments: [heapID, value])
        guard let id else { return nil }
        if let cached, cached.id == id { return cached.chunk }
        let row: Row?
        do {
            row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT first_time, frames, body FROM chunks WHERE id = ?"), arguments: [id])
        } catch let error as DatabaseError where Damage.isDamage(error) {
            throw DamagedChunk(heapID: heapID, chunk: id, cause: error.message ?? "a page fails its checksum")
        }
        // The index has it, in the same transaction: so its page is not what it was.
        guard let row else { throw DamagedChunk(heapID: heapID, chunk: id, cause: "its row is gone from its page") }
        let read = Chunk(body: row.bytes("body"), firstTime: Timestamp(microseconds: row["first_time"]))
        guard let chunk = read, chunk.frames.count == row["frames"] as Int64 else {
            throw DamagedChunk(heapID: heapID, chunk: id, cause: "its frames can't be told apart")
        }
        cached = (id, chunk)
        return chunk
    }

    private func frame(_ entry: ArrivalIndex.Entry) throws -> StoredFrame? {
        try arrival(entry).map { StoredFrame(arrival: $0) }
    }

    private func arrival(_ entry: ArrivalIndex.Entry) throws -> Row? {
        try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM arrivals WHERE id = ?"), arguments: [entry.id])
    }
}
