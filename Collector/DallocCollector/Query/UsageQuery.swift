// `history`: a heap's figures over time.

internal import GRDB
public import HeapHistory
internal import HeapWire

extension HistoryQuery {
    /// Points in one answer at most.
    static let mostPoints: Int64 = 10_000

    /// - Throws: ``Problem`` when there is no such device or heap, or the range makes no sense.
    public func history(
        device: String, heap: String?, since: Timestamp, until: Timestamp, stepMicroseconds: Int64
    ) async throws -> UsageHistory {
        try Self.check(since: since, until: until)
        guard stepMicroseconds >= 1000, (until.microseconds - since.microseconds) / stepMicroseconds < Self.mostPoints
        else {
            throw Problem(
                .badRequest, "The step is too small: at most \(Self.mostPoints) points fit in one answer.",
                hint: "Choose a larger step or a shorter range.")
        }
        return try await read { db in
            let selection = try HeapSelection(db, device: device, heap: heap)
            var points: [UsagePoint] = []
            for row in selection.rows.reversed() {
                points += try Self.points(db, row, since: since, until: until, step: stepMicroseconds)
            }
            points = Self.mergeBoots(points.sorted { $0.time < $1.time })
            return UsageHistory(
                device: device, heap: selection.current.number, name: selection.current.name,
                size: Int(selection.current.layout.size), since: since, until: until,
                stepMicroseconds: stepMicroseconds, points: points,
                gaps: try Self.gaps(db, selection.rows, since: since, until: until))
        }
    }

    static func check(since: Timestamp, until: Timestamp) throws {
        guard since < until else {
            throw Problem(
                .badRequest, "The range from \(since) to \(until) is empty.", hint: "`since` must be before `until`.")
        }
    }

    /// The steps of one boot in which frames came.
    private static func points(
        _ db: Database, _ heap: HeapRow, since: Timestamp, until: Timestamp, step: Int64
    ) throws -> [UsagePoint] {
        let before = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT total_allocations, total_frees, total_failures, total_moves, total_bytes_moved FROM frames
                    WHERE heap_id = ? AND time < ? ORDER BY time DESC, sequence DESC LIMIT 1
                    """), arguments: [heap.id, since.microseconds])
        var previous = before.map { Totals($0) } ?? Totals()
        var points: [UsagePoint] = []
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT time, used, allocations, peak, total_allocations, total_frees, total_failures, total_moves,
                        total_bytes_moved
                    FROM frames WHERE heap_id = ? AND time >= ? AND time < ? ORDER BY time, sequence
                    """), arguments: [heap.id, since.microseconds, until.microseconds])
        while let row = try rows.next() {
            let time: Int64 = row["time"]
            let start = since.microseconds + (time - since.microseconds) / step * step
            let totals = Totals(row)
            let new = totals.since(previous)
            previous = totals
            if points.last?.time.microseconds != start {
                points.append(
                    UsagePoint(
                        time: Timestamp(microseconds: start), boot: heap.boot, used: 0, allocations: 0, peak: 0,
                        allocated: 0, freed: 0, failures: 0, moves: 0, bytesMoved: 0))
            }
            let last = points.count - 1
            points[last].used = row["used"]
            points[last].allocations = row["allocations"]
            points[last].peak = max(points[last].peak, row["peak"], row["used"])
            points[last].add(new)
        }
        return points
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
            sum.add(
                Totals(
                    allocations: last.allocated, frees: last.freed, failures: last.failures, moves: last.moves,
                    bytesMoved: last.bytesMoved))
            merged[merged.count - 1] = sum
        }
        return merged
    }
}

/// Running totals of a heap, or what they grew by.
private struct Totals {
    var (allocations, frees, failures, moves, bytesMoved) = (0, 0, 0, 0, 0)

    init(allocations: Int = 0, frees: Int = 0, failures: Int = 0, moves: Int = 0, bytesMoved: Int = 0) {
        (self.allocations, self.frees, self.failures) = (allocations, frees, failures)
        (self.moves, self.bytesMoved) = (moves, bytesMoved)
    }

    init(_ row: Row) {
        self.init(
            allocations: row["total_allocations"], frees: row["total_frees"], failures: row["total_failures"],
            moves: row["total_moves"], bytesMoved: row["total_bytes_moved"])
    }

    /// Totals that went down belong to a heap that was made anew: all of them are new.
    func since(_ earlier: Totals) -> Totals {
        guard allocations >= earlier.allocations, frees >= earlier.frees, failures >= earlier.failures else {
            return self
        }
        return Totals(
            allocations: allocations - earlier.allocations, frees: frees - earlier.frees,
            failures: failures - earlier.failures, moves: moves - earlier.moves,
            bytesMoved: bytesMoved - earlier.bytesMoved)
    }
}

extension UsagePoint {
    fileprivate mutating func add(_ totals: Totals) {
        allocated += totals.allocations
        freed += totals.frees
        failures += totals.failures
        moves += totals.moves
        bytesMoved += totals.bytesMoved
    }
}
