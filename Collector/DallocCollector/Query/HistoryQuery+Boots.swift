// SPDX-License-Identifier: Apache-2.0
//
// `boots`: the runs of a device.

internal import GRDB
public import HeapHistory
internal import HeapWire

extension HistoryQuery {
    /// - Parameters:
    ///   - after: ``BootList/next`` of the page before; nil for the first one.
    ///   - limit: the most boots of a page.
    /// - Throws: ``Problem`` when there is no such device.
    public func boots(device: String, after: String? = nil, limit: Int) async throws -> BootList {
        guard let before = after == nil ? Int64.max : after.flatMap({ Int64($0) }) else {
            throw Problem(
                .badRequest, "after=\(after ?? "") is no place in a list of boots.",
                hint: "Give `after` the `next` of the page before.")
        }
        let found = try await store.read { db in
            try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT id FROM devices WHERE name = ?"), arguments: [device])
        }
        guard let found else {
            throw Problem(
                .notFound, "No device \(device) has reported to this collector.",
                hint: "`dalloc devices` lists those that have.")
        }
        return try await store.read { [store] db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT *, id = (SELECT max(id) FROM boots WHERE device_id = ?1) AS is_current FROM boots
                        WHERE device_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3
                        """), arguments: [found, before, limit + 1])
            var list = BootList(device: device, boots: [])
            for row in rows.prefix(limit) { list.boots.append(try Self.boot(row, db, store)) }
            if rows.count > limit { list.next = "\(rows[limit - 1]["id"] as Int64)" }
            return list
        }
    }

    private static func boot(_ row: Row, _ db: Database, _ store: HistoryStore) throws -> BootList.Boot {
        let heaps = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT heaps.id, number, name, size, used, live_blocks, peak, first_time, last_time, last_sequence,
                        recorder_most, recorder_size,
                        (SELECT count(*) FROM gaps WHERE heap_id = heaps.id) AS gaps
                    FROM heaps WHERE boot_id = ? ORDER BY number, id
                    """), arguments: [row["id"] as Int64])
        let tails = store.arrivals.heaps(heaps.map { $0["id"] as Int64 })
        var boot = BootList.Boot(
            boot: row.narrow("boot"), run: row.narrow("run"), build: row["build"], link: row["link"], firstTime: nil,
            lastTime: nil, current: row["is_current"] as Int64 != 0, heaps: [])
        for heap in heaps {
            let tail = tails[heap["id"]]
            let known = tail?.figures.figures
            let first = (heap["first_time"] as Int64?).map { Timestamp(microseconds: $0) } ?? tail?.entries.first?.time
            let last = tail?.figures.time ?? (heap["last_time"] as Int64?).map { Timestamp(microseconds: $0) }
            boot.firstTime = [boot.firstTime, first].compactMap { $0 }.min()
            boot.lastTime = [boot.lastTime, last].compactMap { $0 }.max()
            let work = try Self.work(of: heap["id"], tail, db)
            var entry = BootList.Heap(
                heap: heap.narrow("number"), name: heap["name"], size: heap.narrow("size"),
                used: known?.used ?? heap.narrow("used"),
                liveBlocks: known?.liveBlocks ?? heap.narrow("live_blocks"),
                peak: max(heap.narrow("peak"), known?.peak ?? 0),
                totalAllocations: work.allocated.int, totalFailures: work.failures.int,
                totalBytesMoved: work.bytesMoved.int, gaps: heap.narrow("gaps"))
            (entry.recorderMost, entry.recorderSize) = (
                heap.size(ifAny: "recorder_most"), heap.size(ifAny: "recorder_size")
            )
            boot.heaps.append(entry)
        }
        return boot
    }

    /// What a heap did in its boot: its running totals, or the sum of its days where its frames are no longer kept.
    private static func work(of heap: Int64, _ tail: ArrivalIndex.Heap?, _ db: Database) throws -> HeapWork {
        let last = try HeapFrames(db, heapID: heap, arrivals: tail).lastReported(through: Int64(UInt32.max))
        if let totals = last?.totals { return HeapWork(totals, since: HeapTotals()) }
        let days = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT * FROM days WHERE heap_id = ?"), arguments: [heap])
        return days.reduce(into: HeapWork()) { $0 += HeapWork($1) }
    }
}
