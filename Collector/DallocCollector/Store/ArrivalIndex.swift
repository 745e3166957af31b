// SPDX-License-Identifier: Apache-2.0
//
// Where each heap's frames are in the table `arrivals`. The table has no index, so that it is written at its end only, however
// many devices there are. All that is listed here is on disk.

internal import Foundation
internal import GRDB
internal import HeapHistory
internal import Synchronization

final class ArrivalIndex: Sendable {
    struct Entry: Sendable {
        /// The row.
        var id: Int64
        var sequence: UInt32
        var bytes: UInt32
        var time: Timestamp
        var hasState: Bool
    }

    /// What the last frames say of a heap; its row in `heaps` tells of those before.
    struct Figures: Sendable {
        var sequence: UInt32
        var time: Timestamp
        /// The last ones that are known.
        var figures: HeapFigures?
        /// When it came.
        var seen: Timestamp
    }

    struct Heap: Sendable {
        var entries: [Entry]
        var figures: Figures
    }

    private struct State {
        var heaps: [Int64: Heap] = [:]
        var bytes = 0
        var oldest: Timestamp?
        var corrections: Int64 = 0
        var gatheredThrough: Int64 = 0
        var nextRow: Int64 = 1
    }

    private let state = Mutex(State())

    /// Bytes that all of them take, and when the oldest of them was stored; nil when there are none.
    var extent: (bytes: Int, oldest: Timestamp?) { state.withLock { ($0.bytes, $0.oldest) } }

    /// The frames of some heaps that are not in chunks. Read it before the database, or frames that are gathered in between are missed.
    func heaps(_ ids: some Sequence<Int64>) -> [Int64: Heap] {
        state.withLock { state in
            var found: [Int64: Heap] = [:]
            for id in ids { found[id] = state.heaps[id] }
            return found
        }
    }

    /// The number of the last correction of times that it includes: see ``Ledger``.
    var corrections: Int64 { state.withLock { $0.corrections } }

    /// The last figures of all heaps that have reported since they were gathered.
    func figures() -> [Int64: Figures] {
        state.withLock { $0.heaps.mapValues(\.figures) }
    }

    /// Ids for `count` new rows. They only grow, also when all rows are gone.
    func takeRows(_ count: Int) -> Range<Int64> {
        state.withLock { state in
            defer { state.nextRow &+= Int64(count) }
            return state.nextRow..<(state.nextRow &+ Int64(count))
        }
    }

    /// Frames that are on disk now.
    /// False, and nothing is added, when their times don't include the same corrections as this index.
    func append(_ frames: [IngestedFrame], rows: Range<Int64>, at now: Timestamp, corrections: Int64) -> Bool {
        state.withLock { state in
            guard state.corrections == corrections else { return false }
            for (row, ingested) in zip(rows, frames) { Self.add(ingested.record, id: row, seen: now, to: &state) }
            return true
        }
    }

    private static func add(_ record: FrameRecord, id: Int64, seen: Timestamp, to state: inout State) {
        guard id > state.gatheredThrough else { return }
        let frame = record.frame
        let bytes = frame.payload.count + (frame.state?.count ?? 0) + 64
        let entry = Entry(
            id: id, sequence: frame.sequence, bytes: UInt32(clamping: bytes), time: frame.time,
            hasState: frame.state != nil)
        let figures = Figures(record, seen: seen)
        if state.heaps[record.heapID] == nil {
            state.heaps[record.heapID] = Heap(entries: [entry], figures: figures)
        } else {
            state.heaps[record.heapID]?.add(entry, figures)
        }
        state.bytes += bytes
        state.oldest = state.oldest ?? seen
    }

    /// Rows up to `id` are in chunks now. Times of storage are not kept: the rows that are left count as stored now.
    func drop(through id: Int64, at now: Timestamp) {
        state.withLock { state in
            state.gatheredThrough = id
            for heap in state.heaps.keys {
                guard let index = state.heaps.index(forKey: heap) else { continue }
                let entries = state.heaps.values[index].entries
                let kept = entries.firstIndex { $0.id > id } ?? entries.count
                state.bytes -= entries[..<kept].reduce(0) { $0 + Int($1.bytes) }
                if kept == entries.count {
                    state.heaps.remove(at: index)
                } else {
                    state.heaps.values[index].entries.removeFirst(kept)
                }
            }
            state.oldest = state.heaps.isEmpty ? nil : now
        }
    }

    /// New rows come after this one.
    func goOn(after row: Int64) {
        state.withLock { $0.nextRow = max($0.nextRow, row &+ 1) }
    }

    /// The times of these heaps' frames were corrected.
    func move(_ heaps: Set<Int64>, by distance: Int64, corrections: Int64) {
        state.withLock { state in
            state.corrections = corrections
            for heap in heaps { state.heaps[heap]?.move(by: distance) }
        }
    }

    /// The heaps were removed with their device.
    func drop(heaps: [Int64]) {
        state.withLock { state in
            for heap in heaps {
                guard let gone = state.heaps.removeValue(forKey: heap) else { continue }
                state.bytes -= gone.entries.reduce(0) { $0 + Int($1.bytes) }
            }
            if state.heaps.isEmpty { state.oldest = nil }
        }
    }

    /// Reads the table of a database that was opened.
    func load(_ db: Database, at now: Timestamp, _ workInProgress: WorkInProgress? = nil) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM arrivals ORDER BY id")
        let corrections = try Ledger.corrections(db)
        try state.withLock { state in
            state.corrections = corrections
            while let row = try rows.next() {
                let record =
                    workInProgress?.hold(.start, "\(row["heap_id"] as Int64)") { FrameRecord(row) } ?? FrameRecord(row)
                Self.add(record, id: row["id"], seen: min(record.frame.time, now), to: &state)
                state.nextRow = (row["id"] as Int64) &+ 1
            }
            if state.oldest != nil { state.oldest = now }
        }
    }
}

extension ArrivalIndex.Heap {
    fileprivate mutating func move(by distance: Int64) {
        for index in entries.indices { entries[index].time.microseconds &+= distance }
        figures.time.microseconds &+= distance
        figures.seen.microseconds &+= distance
    }

    fileprivate mutating func add(_ entry: ArrivalIndex.Entry, _ figures: ArrivalIndex.Figures) {
        assert((entries.last?.id ?? 0) < entry.id, "one connection at a time stores frames of a heap")
        entries.append(entry)
        let known = self.figures.figures
        self.figures = figures
        guard let known else { return }
        self.figures.figures = figures.figures ?? known
        self.figures.figures?.peak = max(known.peak, figures.figures?.peak ?? 0)
    }
}

extension ArrivalIndex.Figures {
    init(_ record: FrameRecord, seen: Timestamp) {
        self.init(
            sequence: record.frame.sequence, time: record.frame.time, figures: record.figures, seen: seen)
    }
}
