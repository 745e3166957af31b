// SPDX-License-Identifier: Apache-2.0
//
// `leaks`: groups of blocks whose live bytes grow and don't come back, of one device or of all.

internal import GRDB
public import HeapHistory
internal import HeapWire

extension HistoryQuery {
    /// - Parameters:
    ///   - device: nil for all.
    ///   - build: devices with this build alone; nil for all.
    ///   - limit: the most leaks to answer with; the fastest are kept.
    /// - Throws: ``Problem`` when there is no such device or heap, or the range is empty.
    public func leaks(
        device: String? = nil, heap: String? = nil, build: String? = nil, since: Timestamp, until: Timestamp, limit: Int
    ) async throws -> LeakList {
        try Self.check(since: since, until: until)
        guard let device else { return try await fleetLeaks(heap, build, since, until, limit) }
        return try await read(device, heap) { [directory = store.directory] db, selection in
            var search = LeakSearch(device: device, build: build, since: since, until: until)
            let statement = try PeriodPoints.statement(db)
            var points = PeriodPoints()
            for heap in selection.rows where build == nil || heap.build == build {
                guard heap.lastTime ?? until >= since, heap.firstTime ?? since <= until else { continue }
                var history = GroupHistory(
                    since: heap.firstTime?.microseconds, in: since.microseconds...until.microseconds)
                let start = max(since, heap.firstTime ?? since)
                let end = min(until, heap.lastTime ?? until)
                if end.microseconds(since: start) < ShortGroupHistory.longest {
                    history = try ShortGroupHistory(heap.layout, from: start, to: end)
                        .history(try selection.frames(db, heap), WorkBudget.current)
                } else {
                    try points.read(statement, heap: heap.id, after: since.microseconds, before: until.microseconds) {
                        history.add($0)
                    }
                    if let open = try StoredGroups(db, heap: heap.id)?.openPeriod, open.end > since.microseconds,
                        open.time < until.microseconds
                    {
                        history.add(PeriodPoints(open))
                    }
                }
                search.add(
                    LeakSearch.Heap(
                        device: device, number: heap.number, name: heap.name, boot: heap.boot, build: heap.build,
                        size: heap.layout.size, used: try Self.used(heap, selection, db),
                        isCurrent: heap.bootRowID == selection.current.bootRowID,
                        hasFailed: directory.hasFailed(heap.id, at: .now), firstTime: heap.firstTime,
                        lastTime: heap.lastTime),
                    history)
            }
            return search.answer(limit: limit, knownUntil: selection.knownUntil)
        }
    }

    private static func used(_ heap: HeapRow, _ selection: HeapSelection, _ db: Database) throws -> UInt32 {
        let last = try selection.frames(db, heap).last(through: Int64(UInt32.max))
        return min(last?.fields?.used ?? 0, heap.layout.size)
    }

    private func fleetLeaks(
        _ heap: String?, _ build: String?, _ since: Timestamp, _ until: Timestamp, _ limit: Int
    ) async throws -> LeakList {
        try await readFleet { [directory = store.directory] db, work in
            let (search, last) = try Self.search(heap, build, since, until, directory, db, work)
            return search.answer(limit: limit, knownUntil: last)
        }
    }

    /// Finds the devices that leak, where they are asked for: in the last week.
    func withLeaks(_ filter: DeviceFilter) async throws -> DeviceFilter {
        guard filter.isLeaking else { return filter }
        let until = Timestamp.now
        var filter = filter
        filter.leaking = try await readFleet { [build = filter.build, directory = store.directory] db, work in
            let since = until.later(byMicroseconds: -7 &* GroupPeriod.day)
            return try Self.search(nil, build, since, until, directory, db, work).0.leakingDevices
        }
        return filter
    }

    private static func search(
        _ heap: String?, _ build: String?, _ since: Timestamp, _ until: Timestamp, _ directory: DeviceDirectory,
        _ db: Database, _ work: WorkBudget
    ) throws -> (LeakSearch, knownUntil: Timestamp?) {
        var search = LeakSearch(device: nil, build: build, since: since, until: until)
        let statement = try PeriodPoints.statement(db)
        var (points, last) = (PeriodPoints(), Int64?.none)
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT heaps.id, heaps.number, heaps.name, heaps.size, heaps.used, heaps.first_time, heaps.last_time,
                        boots.boot, boots.build, devices.name,
                        boots.id = (SELECT max(id) FROM boots WHERE device_id = devices.id)
                    FROM heaps JOIN boots ON boots.id = boot_id JOIN devices ON devices.id = device_id
                    WHERE heaps.last_time >= ?1 AND heaps.first_time <= ?2 AND (?3 IS NULL OR boots.build = ?3)
                        AND (?4 IS NULL OR heaps.name = ?4)
                    """), arguments: [since.microseconds, until.microseconds, build, heap])
        while let row = try rows.next(), !work.isOver {
            func number(_ column: Int) -> Int64 { row[column] }
            let (firstTime, lastTime) = (number(5), number(6))
            var history = GroupHistory(since: firstTime, in: since.microseconds...until.microseconds)
            work.spend(2000)
            try points.read(statement, heap: number(0), after: since.microseconds, before: until.microseconds) {
                work.spend(500 + 50 * $0.entries.count)
                history.add($0)
            }
            last = max(last ?? .min, lastTime)
            search.add(
                LeakSearch.Heap(
                    device: row[9], number: Int(clamping: number(1)), name: row[2], boot: UInt32(clamping: number(7)),
                    build: row[8], size: UInt32(clamping: number(3)), used: UInt32(clamping: number(4)),
                    isCurrent: number(10) != 0, hasFailed: directory.hasFailed(number(0), at: .now),
                    firstTime: Timestamp(microseconds: firstTime),
                    lastTime: Timestamp(microseconds: lastTime)),
                history)
        }
        return (search, last.map { Timestamp(microseconds: $0) })
    }
}
