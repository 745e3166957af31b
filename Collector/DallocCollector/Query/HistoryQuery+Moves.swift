// SPDX-License-Identifier: Apache-2.0
//
// `moves`: what compaction relocated, found by replaying the operations of a range, as far as one question's work goes.

internal import GRDB
public import HeapHistory
internal import HeapReplica
internal import HeapWire

extension HistoryQuery {
    /// - Parameters:
    ///   - since: operations after this moment.
    ///   - until: operations up to and with this moment.
    ///   - limit: the most moves to answer with; the latest are kept.
    /// - Throws: ``Problem`` when there is no such device, heap or frame.
    public func moves(
        device: String, heap: String?, since: Moment, until: Moment, limit: Int
    ) async throws -> MoveList {
        let answer = try await moveAnswer(device: device, heap: heap, since: since, until: until, limit: limit)
        var list = answer.list
        list.moves = Array(answer.elements)
        return list
    }

    /// The same in less memory.
    /// - Parameter steps: the work that the search may cost: ``WorkBudget``. The table that it begins with is not counted: a search that
    ///   goes on where another stopped must come further.
    func moveAnswer(
        device: String, heap: String?, since: Moment, until: Moment, limit: Int, steps: Int = WorkBudget.standard
    ) async throws -> MoveAnswer {
        let work = WorkBudget(limit: mostWork)
        return try await read(device, heap, work) { db, selection in
            let range = try MoveRange(db, selection, since: since, until: until)
            var search = MoveSearch(range: range, limit: limit, work: work, steps: steps)
            for heap in selection.rows.reversed() where range.isInBoot(heap) {
                try search.collect(selection.frames(db, heap), heap)
            }
            search.moves.finish()
            let list = MoveList(
                device: device, heap: selection.current.number, name: selection.current.name,
                since: range.since, until: range.until, moves: [], truncated: search.moves.isTruncated,
                knownUntil: selection.knownUntil, stoppedAt: search.stoppedAt,
                gaps: try Self.gaps(db, selection, since: range.since, until: range.until))
            return MoveAnswer(list: list, elements: search.moves)
        }
    }
}

/// Replays heaps, and notes what moves within a range.
private struct MoveSearch {
    let range: MoveRange
    var moves: MoveTrace
    /// All that happened up to this moment was looked at when the work ended; nil when it did not.
    private(set) var stoppedAt: Timestamp?
    private let work: WorkBudget
    private let steps: Int
    /// What the tables cost with which the search of each heap begins.
    private var preparation = 0

    init(range: MoveRange, limit: Int, work: WorkBudget, steps: Int) {
        (self.range, self.work, self.steps) = (range, work, steps)
        moves = MoveTrace(limit: limit)
    }

    private var isOver: Bool { work.isOver || work.steps - preparation >= steps }

    /// Replays the heap from the last checkpoint before the range to its end.
    mutating func collect(_ frames: HeapFrames, _ heap: HeapRow) throws {
        guard !isOver else { return stop(before: heap.firstTime) }
        let done = work.steps
        let before = try range.after.map { try frames.last(through: Int64($0)) } ?? frames.last(at: range.since)
        let start = Int64(before?.sequence ?? 0)
        let table = try frames.material(through: start).makeTable(heap.layout)
        preparation += work.steps - done
        moves.begin(heap)
        var previousTime = before?.time
        try frames.forEach(after: start) { frame in
            if let through = range.through {
                guard frame.sequence <= through else { return false }
            } else if let previousTime, previousTime > range.until {
                return false
            }
            guard !isOver else { return false }
            previousTime = frame.time
            let isKnown = frame.isExact && frame.fields?.lost == 0 && table.replica.standing == .exact
            if try isKnown && list(frame, in: table, heap) { return stoppedAt == nil }
            // A keyframe, or the way back from a gap.
            work.counting(table) { _ = try? table.apply(frame.payload) }
            return true
        }
        if isOver { stop(before: previousTime) }
    }

    /// Replays the operations of one frame, which was exact when it came, and notes what they move. False when it has none to replay.
    private mutating func list(_ frame: StoredFrame, in table: ReplicaTable, _ heap: HeapRow) throws -> Bool {
        try frame.payload.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress,
                var operations = try StateFrame(payload: base, count: bytes.count).operations(in: heap.layout)
            else { return false }
            while let operation = try operations.next() {
                let time = heap.clock.time(of: operations.tick)
                if isOver {
                    stop(before: time)
                    return true
                }
                if range.contains(time, sequence: frame.sequence),
                    let relocation = table.replica.relocation(by: operation)
                {
                    work.spend(moves.add(relocation, by: operation, in: table, at: time, frame.sequence))
                }
                work.counting(table) { table.perform(operation, at: operations.tick) }
            }
            return true
        }
    }

    /// At `time` itself there may be more moves, unless there was none before it: a search that goes on from there must get further.
    private mutating func stop(before time: Timestamp?) {
        guard stoppedAt == nil else { return }
        let time = max(time ?? range.since, range.since)
        let before = time.later(byMicroseconds: -1)
        stoppedAt = before > range.since ? before : time
    }
}
