// SPDX-License-Identifier: Apache-2.0
//
// `history`: a heap's figures over time. Steps of a minute and more come from the rollups, which outlive the frames.

internal import GRDB
public import HeapHistory
internal import HeapWire

extension HistoryQuery {
    /// Points in one answer at most.
    static let mostPoints: Int64 = 10_000

    /// - Parameter since: with steps of a minute and more, the beginning of that minute counts; of an hour and more, of that hour.
    /// - Throws: ``Problem`` when there is no such device or heap, or the range makes no sense.
    public func history(
        device: String, heap: String?, since: Timestamp, until: Timestamp, stepMicroseconds: Int64
    ) async throws -> UsageHistory {
        try Self.check(since: since, until: until)
        guard stepMicroseconds >= 1000, until.microseconds(since: since) / stepMicroseconds < Self.mostPoints
        else {
            throw Problem(
                .badRequest, "The step is too small: at most \(Self.mostPoints) points fit in one answer.",
                hint: "Choose a larger step or a shorter range.")
        }
        let level = Self.level(for: stepMicroseconds)
        let start = Self.start(of: since, level)
        return try await read(device, heap) { db, selection in
            var points: [UsagePoint] = []
            for heap in selection.rows.reversed() {
                var steps = UsageSteps(heap, since: start, until: until, step: stepMicroseconds)
                try steps.add(db, heap, selection.frames(db, heap), level)
                points += steps.points
            }
            points = Self.mergeBoots(points.sorted { $0.time < $1.time })
            return UsageHistory(
                device: device, heap: selection.current.number, name: selection.current.name,
                size: Int(selection.current.layout.size), since: start, until: until, knownUntil: selection.knownUntil,
                stepMicroseconds: stepMicroseconds, points: points,
                gaps: try Self.gaps(db, selection, since: start, until: until))
        }
    }

    static func check(since: Timestamp, until: Timestamp) throws {
        guard since < until else {
            throw Problem(
                .badRequest, "The range from \(since) to \(until) is empty.", hint: "`since` must be before `until`.")
        }
    }

    private static func level(for step: Int64) -> Rollup.Level? {
        if step >= Rollup.Level.hours.length, step % Rollup.Level.hours.length == 0 { return .hours }
        return step >= Rollup.Level.minutes.length ? .minutes : nil
    }

    private static func start(of since: Timestamp, _ level: Rollup.Level?) -> Timestamp {
        guard let level else { return since }
        return since.later(byMicroseconds: 0 &- since.microseconds.flooredRemainder(level.length))
    }

    /// A step in which a device rebooted has frames of two boots: the later one's state, and both boots' work.
    private static func mergeBoots(_ points: [UsagePoint]) -> [UsagePoint] {
        var merged: [UsagePoint] = []
        for point in points {
            guard let last = merged.last, last.time == point.time else {
                merged.append(point)
                continue
            }
            var sum = point
            sum.peak = max(point.peak, last.peak)
            sum.add(last.work)
            merged[merged.count - 1] = sum
        }
        return merged
    }
}

/// The steps of one boot in which frames came.
private struct UsageSteps {
    let boot: UInt32
    let layout: HeapLayout
    let since: Timestamp
    let until: Timestamp
    let step: Int64
    private(set) var points: [UsagePoint] = []

    init(_ heap: HeapRow, since: Timestamp, until: Timestamp, step: Int64) {
        (boot, layout, self.since, self.until, self.step) = (heap.boot, heap.layout, since, until, step)
    }

    mutating func add(_ db: Database, _ heap: HeapRow, _ frames: HeapFrames, _ level: Rollup.Level?) throws {
        if let level {
            try add(db, heap, level, until: until)
            for record in try frames.arrivals(since: since) where record.frame.time < until {
                guard let figures = record.figures else { continue }
                add(record.frame.time.microseconds, figures, record.work)
            }
        } else {
            let detail = try Self.start(ofDetail: frames, heap)
            if detail > since { try add(db, heap, .minutes, until: min(detail, until)) }
            try add(frames, since: detail)
        }
    }

    private mutating func add(_ db: Database, _ heap: HeapRow, _ level: Rollup.Level, until: Timestamp) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT time, used, live_blocks, peak, allocated, freed, failures, moves, bytes_moved
                    FROM \(level.rawValue) WHERE heap_id = ? AND time >= ? AND time < ? ORDER BY time
                    """), arguments: [heap.id, since.microseconds, until.microseconds])
        while let row = try rows.next() {
            let figures = HeapFigures(
                used: row.narrow("used"), liveBlocks: row.narrow("live_blocks"), peak: row.narrow("peak"))
            add(row["time"], figures, HeapWork(row))
        }
    }

    /// The minutes still have what retention has removed, up to and with the minute of the first frame that is left.
    private static func start(ofDetail frames: HeapFrames, _ heap: HeapRow) throws -> Timestamp {
        guard let first = try frames.firstTime() else { return heap.lastTime ?? Timestamp(microseconds: .max) }
        // All frames are there: the minute of the first one would count them once more.
        guard let begin = heap.firstTime, first > begin else { return Timestamp(microseconds: .min) }
        let minute = Rollup.Level.minutes.length
        return first.later(byMicroseconds: minute &- first.microseconds.flooredRemainder(minute))
    }

    private mutating func add(_ frames: HeapFrames, since detail: Timestamp) throws {
        let before = try frames.last(at: since.later(byMicroseconds: -1))
        var (totals, sequence): (HeapTotals?, UInt32) = (HeapTotals(), 0)
        if let before {
            // Nil when nothing is known of what was before.
            let last = try frames.lastReported(through: Int64(before.sequence))
            (totals, sequence) = (last?.totals, last?.sequence ?? before.sequence)
        }
        try frames.forEach(after: Int64(before?.sequence ?? 0)) { frame in
            guard frame.time < until, let state = frame.reported, let figures = HeapFigures(state, in: layout) else {
                return frame.time < until
            }
            if frame.time >= detail {
                let work = totals.flatMap { HeapWork(plausible: state, since: $0, after: sequence, in: layout) }
                add(frame.time.microseconds, figures, work ?? HeapWork())
            }
            (totals, sequence) = (state.totals, frame.sequence)
            return true
        }
    }

    private mutating func add(_ time: Int64, _ figures: HeapFigures, _ work: HeapWork) {
        // No later than `time`.
        let passed = time.subtractingClamped(since.microseconds)
        let start = since.microseconds.addingClamped(passed / step &* step)
        if points.last?.time.microseconds != start {
            points.append(
                UsagePoint(
                    time: Timestamp(microseconds: start), boot: boot, size: Int(layout.size), used: 0, liveBlocks: 0,
                    peak: 0,
                    allocated: 0, freed: 0, failures: 0, moves: 0, bytesMoved: 0))
        }
        let last = points.count - 1
        (points[last].used, points[last].liveBlocks) = (figures.used, figures.liveBlocks)
        points[last].peak = max(points[last].peak, figures.peak)
        points[last].add(work)
    }
}

extension UsagePoint {
    fileprivate var work: HeapWork {
        var work = HeapWork()
        work.allocated += allocated
        work.freed += freed
        work.failures += failures
        work.moves += moves
        work.bytesMoved += bytesMoved
        return work
    }

    fileprivate mutating func add(_ more: HeapWork) {
        var sum = work
        sum += more
        (allocated, freed, failures) = (sum.allocated.int, sum.freed.int, sum.failures.int)
        (moves, bytesMoved) = (sum.moves.int, sum.bytesMoved.int)
    }
}
