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
            for heap in selection.rows where build == nil || heap.build == build {
                guard heap.lastTime ?? until >= since, heap.firstTime ?? since <= until else { continue }
                var periods = try GroupPeriod.fetchAll(
                    db, heap: heap.id, after: since.microseconds, before: until.microseconds)
                if let open = try StoredGroups(db, heap: heap.id)?.openPeriod, open.end > since.microseconds {
                    periods.append(open)
                }
                search.add(
                    LeakSearch.Heap(
                        device: device, number: heap.number, name: heap.name, boot: heap.boot, build: heap.build,
                        size: heap.layout.size, used: try Self.used(heap, selection, db),
                        isCurrent: heap.bootRowID == selection.current.bootRowID, firstTime: heap.firstTime,
                        lastTime: heap.lastTime),
                    periods)
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
        try await readFleet { db, work in
            var search = LeakSearch(device: nil, build: build, since: since, until: until)
            var last: Int64?
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT heaps.id, heaps.number, heaps.name, heaps.size, heaps.used, heaps.first_time, heaps.last_time,
                            boots.boot, boots.build, boots.id AS boot_id, devices.name AS device,
                            boots.id = (SELECT max(id) FROM boots WHERE device_id = devices.id) AS is_current
                        FROM heaps JOIN boots ON boots.id = boot_id JOIN devices ON devices.id = device_id
                        WHERE heaps.last_time >= ?1 AND heaps.first_time <= ?2 AND (?3 IS NULL OR boots.build = ?3)
                            AND (?4 IS NULL OR heaps.name = ?4)
                        """), arguments: [since.microseconds, until.microseconds, build, heap])
            while let row = try rows.next(), !work.isOver {
                let periods = try GroupPeriod.fetchAll(
                    db, heap: row["id"], after: since.microseconds, before: until.microseconds)
                work.spend(periods.reduce(1000) { $0 + 200 * $1.groups.count })
                last = max(last ?? .min, row["last_time"] as Int64)
                search.add(
                    LeakSearch.Heap(
                        device: row["device"], number: row.narrow("number"), name: row["name"],
                        boot: row.narrow("boot"),
                        build: row["build"], size: row.narrow("size"), used: row.narrow("used"),
                        isCurrent: row["is_current"] as Int64 != 0,
                        firstTime: Timestamp(microseconds: row["first_time"]),
                        lastTime: Timestamp(microseconds: row["last_time"])),
                    periods)
            }
            return search.answer(limit: limit, knownUntil: last.map { Timestamp(microseconds: $0) })
        }
    }
}
