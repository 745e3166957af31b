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
        return try await read(device, heap) { db, selection in
            var search = LeakSearch(device: device, build: build, since: since, until: until)
            var points = PeriodPoints()
            for row in selection.rows where build == nil || row.build == build {
                let heap = try Self.heap(row, of: selection, db)
                guard let history = try Self.history(of: row, heap.room, selection, since...until, db, &points) else {
                    continue
                }
                search.add(heap, history)
            }
            return search.answer(limit: limit, knownUntil: selection.knownUntil)
        }
    }

    /// From periods where they have enough points, else from frames. Of a heap that is full, what was before it became so. Nil when the
    /// boot is outside of the range.
    private static func history(
        of heap: HeapRow, _ room: HeapRoom, _ selection: HeapSelection, _ range: ClosedRange<Timestamp>, _ db: Database,
        _ points: inout PeriodPoints
    ) throws -> GroupHistory? {
        let (since, until) = (range.lowerBound, range.upperBound)
        guard heap.lastTime ?? until >= since, heap.firstTime ?? since <= until else { return nil }
        let start = max(since, heap.firstTime ?? since)
        var end = min(until, heap.lastTime ?? until)
        let fullHour = room.isNearlyFull ? try fullHour(of: heap.id, range, db) : nil
        if let fullHour { end = min(end, Timestamp(microseconds: fullHour).later(byMicroseconds: GroupPeriod.hour)) }
        guard end.microseconds(since: start) >= ShortGroupHistory.longest else {
            let frames = try selection.frames(db, heap)
            let history = try ShortGroupHistory(heap.layout, from: start, to: end).history(frames, WorkBudget.current)
            guard room.isNearlyFull, let full = history.fullSince, full > start.microseconds else { return history }
            // As many points as there can be of the time in which it grew.
            return try ShortGroupHistory(heap.layout, from: start, to: Timestamp(microseconds: full))
                .history(frames, WorkBudget.current)
        }
        var history = GroupHistory(since: heap.firstTime?.microseconds, in: since.microseconds...until.microseconds)
        try points.read(
            PeriodPoints.statement(db), heap: heap.id, after: since.microseconds, before: until.microseconds
        ) { history.add($0) }
        if let open = try StoredGroups(db, heap: heap.id)?.openPeriod, open.end > since.microseconds,
            open.time < until.microseconds
        {
            history.add(PeriodPoints(open))
        }
        history.firstFailure = fullHour
        return history
    }

    /// The first hour with failures in which the heap was about as full as it ever was, in microseconds since 1970.
    private static func fullHour(of heap: Int64, _ range: ClosedRange<Timestamp>, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT min(time) FROM hours WHERE heap_id = ?1 AND time >= ?2 AND time <= ?3 AND failures > 0 AND used >= ?4 *
                        (SELECT max(used) FROM hours WHERE heap_id = ?1 AND time >= ?2 AND time <= ?3)
                    """),
            arguments: [heap, range.lowerBound.microseconds, range.upperBound.microseconds, GroupHistory.shareWhenFull])
    }

    private static func heap(
        _ row: HeapRow, of selection: HeapSelection, _ db: Database
    ) throws -> LeakSearch.Heap {
        let last = try selection.frames(db, row).lastReported(through: Int64(UInt32.max))
        return LeakSearch.Heap(
            device: selection.device, number: row.number, name: row.name, boot: row.boot, build: row.build,
            room: HeapRoom(
                size: UInt32(clamping: row.layout.room), used: last?.used ?? 0, tableSize: row.layout.tableSize,
                liveBlocks: last?.liveBlocks ?? 0),
            isCurrent: row.bootRowID == selection.current.bootRowID, firstTime: row.firstTime, lastTime: row.lastTime)
    }

    private func fleetLeaks(
        _ heap: String?, _ build: String?, _ since: Timestamp, _ until: Timestamp, _ limit: Int
    ) async throws -> LeakList {
        var (search, last) = try await readFleet { [directory = store.directory] db, work in
            try Self.search(heap, build, since, until, directory, db, work)
        }
        // Together they may do a part of what a question may.
        let work = WorkBudget(limit: mostWork / 4)
        for device in youngDevices(build, since, search) where !work.isOver {
            let found = search
            // Of a device that can't be answered about, or whose boot takes too much work, too little is known.
            let answer = try? await read(device, heap, work) { db, selection in
                var (search, points) = (found, PeriodPoints())
                let row = selection.current
                guard let time = row.firstTime,
                    (row.lastTime ?? time).microseconds(since: time) < ShortGroupHistory.longest,
                    case var heap = try Self.heap(row, of: selection, db),
                    let history = try Self.history(of: row, heap.room, selection, since...until, db, &points)
                else { return (search, selection.knownUntil) }
                heap.isYoung = true
                search.add(heap, history)
                return (search, selection.knownUntil)
            }
            try Task.checkCancellation()
            guard let answer, !work.isOver else { continue }
            search = answer.0
            last = [last, answer.1].compactMap(\.self).max()
        }
        return search.answer(limit: limit, knownUntil: last)
    }

    /// Devices of whose boots no period has enough points yet: the fullest, as many as can be looked at frame by frame. A few boards on
    /// desks are answered about in minutes. In a large fleet such devices are few of many, and wait.
    private func youngDevices(_ build: String?, _ since: Timestamp, _ search: LeakSearch) -> [String] {
        guard search.devicesKnown < Self.largeFleet else { return [] }
        var filter = DeviceFilter()
        filter.build = build
        let young = devices(connected: [], matching: filter).devices.filter { device in
            device.lastSeen >= since && !search.isKnown(device.id)
        }
        func fill(_ device: DeviceSummary) -> Double {
            device.heaps.map {
                max(
                    Double($0.used) / Double(max(1, $0.size)), Double($0.liveBlocks) / Double(max(1, $0.tableSize)))
            }.max() ?? 0
        }
        return young.map { (id: $0.id, fill: fill($0)) }.sorted { ($1.fill, $0.id) < ($0.fill, $1.id) }
            .prefix(Self.mostYoung).map(\.id)
    }

    private static let mostYoung = 32
    private static let largeFleet = 1000

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
                    SELECT heaps.id, heaps.number, heaps.name, heaps.size, heaps.used, heaps.table_size, heaps.live_blocks,
                        heaps.first_time, heaps.last_time,
                        boots.boot, boots.build, devices.name,
                        boots.id = (SELECT max(id) FROM boots WHERE device_id = devices.id)
                    FROM heaps JOIN boots ON boots.id = boot_id JOIN devices ON devices.id = device_id
                    WHERE heaps.last_time >= ?1 AND heaps.first_time <= ?2 AND (?3 IS NULL OR boots.build = ?3)
                        AND (?4 IS NULL OR heaps.name = ?4)
                    """), arguments: [since.microseconds, until.microseconds, build, heap])
        while let row = try rows.next(), !work.isOver {
            func number(_ column: Int) -> Int64 { row[column] }
            let (firstTime, lastTime) = (number(7), number(8))
            var history = GroupHistory(since: firstTime, in: since.microseconds...until.microseconds)
            work.spend(2000)
            try points.read(statement, heap: number(0), after: since.microseconds, before: until.microseconds) {
                work.spend(500 + 50 * $0.entries.count)
                history.add($0)
            }
            if directory.hasFailed(number(0), at: .now) {
                history.firstFailure = try fullHour(of: number(0), since...until, db)
            }
            last = max(last ?? .min, lastTime)
            search.add(
                LeakSearch.Heap(
                    device: row[11], number: Int(clamping: number(1)), name: row[2], boot: UInt32(clamping: number(9)),
                    build: row[10],
                    room: HeapRoom(
                        size: UInt32(clamping: number(3)), used: UInt32(clamping: number(4)),
                        tableSize: UInt32(clamping: number(5)), liveBlocks: UInt32(clamping: number(6))),
                    isCurrent: number(12) != 0,
                    firstTime: Timestamp(microseconds: firstTime),
                    lastTime: Timestamp(microseconds: lastTime)),
                history)
        }
        return (search, last.map { Timestamp(microseconds: $0) })
    }
}
