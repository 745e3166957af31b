// SPDX-License-Identifier: Apache-2.0
//
// `failures`: the allocations that failed. The minutes tell where they are, so that only these are replayed.

internal import GRDB
public import HeapHistory
internal import HeapReplica
internal import HeapWire

extension HistoryQuery {
    /// - Parameters:
    ///   - since: failures after this moment.
    ///   - until: failures up to and with this moment.
    ///   - limit: the most failures to answer with; the latest are kept.
    ///   - withTables: each with the table at its moment.
    /// - Throws: ``Problem`` when there is no such device or heap, or the range is empty.
    public func failures(
        device: String, heap: String?, since: Timestamp, until: Timestamp, limit: Int, withTables: Bool = false
    ) async throws -> FailureList {
        try Self.check(since: since, until: until)
        let work = WorkBudget(limit: mostWork)
        return try await read(device, heap, work) { db, selection in
            var search = FailureSearch(since: since, until: until, limit: limit, withTables: withTables, work: work)
            for heap in selection.rows { try search.collect(selection.frames(db, heap), heap, selection, db) }
            // What was read until then is not all.
            guard !work.isExhausted else { throw Self.tooMuchWork(device) }
            return FailureList(
                device: device, heap: selection.current.number, name: selection.current.name, since: since,
                until: until,
                failures: search.found.reversed(), counted: search.counted.int, next: search.next,
                knownUntil: selection.knownUntil, gaps: try Self.gaps(db, selection, since: since, until: until))
        }
    }
}

private struct FailureSearch {
    let since: Timestamp
    let until: Timestamp
    let limit: Int
    let withTables: Bool
    let work: WorkBudget
    /// The latest first.
    var found: [FailureList.Failure] = []
    var counted = Count.zero
    /// There are more, up to this moment.
    var next: Timestamp?

    /// Adds those of a heap whose boot is earlier than what was searched before.
    mutating func collect(_ frames: HeapFrames, _ heap: HeapRow, _ selection: HeapSelection, _ db: Database) throws {
        guard heap.lastTime ?? since >= since else { return }
        // A frame tells of what happened before it.
        let last = try frames.last(at: until)?.sequence ?? 0
        let end = try frames.next(after: last)?.time ?? until
        for stretch in try stretches(frames, heap, through: end, db) where !work.isOver {
            guard found.count < limit else {
                if next == nil { next = found.last?.time.later(byMicroseconds: -1) }
                counted += stretch.counted
                continue
            }
            try search(stretch, frames, heap, selection, db)
        }
    }

    /// Frames of a minute that had failures.
    private struct Stretch {
        var after: UInt32
        var through: UInt32
        /// As the device counted them.
        var counted: Count
    }

    private mutating func search(
        _ stretch: Stretch, _ frames: HeapFrames, _ heap: HeapRow, _ selection: HeapSelection, _ db: Database
    ) throws {
        let range = try OperationRange(
            db, selection, since: .time(Timestamp(microseconds: .min)), until: .time(Timestamp(microseconds: .max)))
        var walk = OperationWalk(range: range, work: work)
        var (some, seen, inRange) = ([FailureList.Failure](), Count.zero, Count.zero)
        func note(_ time: Timestamp, _ failure: @autoclosure () -> FailureList.Failure) {
            seen += 1
            guard time > since, time <= until else { return }
            inRange += 1
            some.append(failure())
            // Those that are listed first are the last ones.
            if some.count > 2 * limit { some.removeFirst(limit) }
        }
        try walk.walk(
            frames, heap, after: stretch.after,
            passOver: { frame in
                guard frame.sequence <= stretch.through, let summary = SummaryFrame(frame, of: heap) else { return }
                for told in summary.told where told.operation == .failed { note(told.time, failure(told, heap)) }
            },
            visit: { step, table in
                guard step.sequence <= stretch.through else { return false }
                if case .failed = step.operation { note(step.time, failure(step, table)) }
                return true
            })
        let room = limit - found.count
        if some.count > room { next = some[some.count - room - 1].time }
        found += some.suffix(room).reversed()
        // What was not seen may have been in the range.
        counted += inRange + Count(clamping: stretch.counted.value.subtractingClamped(seen.value))
    }

    /// The latest first.
    private func stretches(
        _ frames: HeapFrames, _ heap: HeapRow, through end: Timestamp, _ db: Database
    ) throws -> [Stretch] {
        let minute = Rollup.Level.minutes.length
        let start = since.microseconds.subtractingClamped(since.microseconds.flooredRemainder(minute))
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT time, failures FROM minutes WHERE heap_id = ? AND failures > 0 AND time >= ? AND time <= ?"
            ),
            arguments: [heap.id, start, end.microseconds])
        var times: [Int64: Count] = [:]
        for row in rows { times[row[0], default: .zero] += row.count("failures") }
        for record in try frames.arrivals(since: since) where !record.work.failures.isZero && record.frame.time <= end {
            let time = record.frame.time.microseconds
            times[time.subtractingClamped(time.flooredRemainder(minute)), default: .zero] += record.work.failures
        }
        return try times.sorted { $0.key > $1.key }.map { time, counted in
            let before = try frames.last(at: Timestamp(microseconds: time.subtractingClamped(1)))?.sequence ?? 0
            let last = Timestamp(microseconds: time.addingClamped(minute).subtractingClamped(1))
            return Stretch(after: before, through: try frames.last(at: last)?.sequence ?? before, counted: counted)
        }
    }

    /// One that a summary tells of: the table at its moment is not known.
    private func failure(_ told: LastOperation, _ heap: HeapRow) -> FailureList.Failure {
        let size = Int(heap.layout.size)
        let free = size > 0 ? told.used.map { max(0, size.subtractingClamped($0)) } : nil
        return FailureList.Failure(
            time: told.time, boot: told.boot, sequence: told.sequence, place: told.place, size: told.size ?? 0,
            reason: told.reason ?? .noRoom, owner: told.owner, callSite: told.callSite, free: free,
            largestFree: heap.layout.hasGaps ? nil : free, liveBlocks: told.liveBlocks,
            tableSize: Int(heap.layout.tableSize))
    }

    private func failure(_ step: OperationWalk.Step<Operation>, _ table: ReplicaTable) -> FailureList.Failure {
        let operation = HeapOperation(step, in: table)
        let (layout, replica) = (table.layout, table.replica.used)
        let used = Int(clamping: replica)
        var largest = Int(layout.size).subtractingClamped(Int(clamping: table.replica.end))
        if layout.hasGaps {
            for block in 0..<Int(table.replica.known) {
                largest = max(largest, Int(clamping: table.replica.gap(before: block)))
            }
        }
        let isSizeKnown = layout.size > 0
        return FailureList.Failure(
            time: step.time, boot: step.heap.boot, sequence: Int(step.sequence), place: step.place,
            size: operation.size ?? 0, reason: operation.reason ?? .noRoom, owner: operation.owner,
            callSite: operation.callSite, free: isSizeKnown ? Int(layout.size) - used : nil,
            largestFree: isSizeKnown ? largest : nil,
            liveBlocks: Int(table.replica.liveBlocks), tableSize: Int(layout.tableSize),
            entries: withTables ? SnapshotEntry.all(of: table, step.heap) : nil)
    }
}
