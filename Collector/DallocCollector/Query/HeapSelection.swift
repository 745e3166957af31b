// SPDX-License-Identifier: Apache-2.0
//
// Finds the heap that a question is about: a device by its id, one of its heaps by name or number, in all its boots.

internal import GRDB
internal import HeapHistory
internal import HeapWire

extension HeapRow {
    fileprivate mutating func add(_ figures: ArrivalIndex.Figures) {
        lastSequence = max(lastSequence, figures.sequence)
        lastTime = figures.time
        firstTime = firstTime ?? figures.time
    }
}

struct HeapSelection: Sendable {
    let device: String
    /// The heap in every boot that had it, the boot that was heard last first.
    private(set) var rows: [HeapRow]
    /// The heap as the current boot has it.
    private(set) var current: HeapRow
    /// The last frame of the current boot, of whatever heap.
    private(set) var lastSequence: UInt32
    /// All heaps of the device.
    let heapIDs: [Int64]
    private let bootHeapIDs: Set<Int64>
    private var tails: [Int64: ArrivalIndex.Heap] = [:]
    /// The number of the last correction of times that it includes: see ``Ledger``.
    let corrections: Int64
    /// The device has a session open.
    var isConnected = false

    /// - Parameter heap: a name or a number; nil is the lowest number of the current boot.
    /// - Throws: ``Problem`` when there is no such device or heap.
    init(_ db: Database, device: String, heap: String?) throws {
        let found = try Row.fetchAll(
            db,
            sql: """
                SELECT heaps.*, boots.boot, boots.build, boots.is_closed, boots.ticks_per_second, boots.anchor_tick, boots.anchor_time,
                    boots.last_sequence AS boot_sequence
                FROM devices JOIN boots ON boots.device_id = devices.id JOIN heaps ON heaps.boot_id = boots.id
                WHERE devices.name = ? ORDER BY boots.id DESC, heaps.number, heaps.id DESC
                """, arguments: [device])
        let all = try found.map { try HeapRow(db, $0) }
        guard let latest = all.first else {
            let isKnown = try Bool.fetchOne(db, sql: "SELECT 1 FROM devices WHERE name = ?", arguments: [device])
            throw isKnown == nil
                ? Problem(
                    .notFound, "No device \(device) has reported to this collector.",
                    hint: "`dalloc devices` lists those that have.")
                : Problem(
                    .notFound, "The device \(device) has reported no heap.",
                    hint: "Attach one on the device with dalloc_agent_attach.")
        }
        let wanted = all.filter { row in
            guard let heap else { return row.number == latest.number }
            return row.name == heap || String(row.number) == heap
        }
        guard let current = wanted.first else {
            let known = all.filter { $0.bootRowID == latest.bootRowID }.map { "\($0.name) (\($0.number))" }
            throw Problem(
                .notFound, "The device \(device) has no heap \(heap ?? "").",
                hint: "It has \(known.joined(separator: ", ")).")
        }
        self.device = device
        self.current = current
        corrections = try Ledger.corrections(db)
        rows = wanted.filter { $0.number == current.number }
        heapIDs = all.map(\.id)
        bootHeapIDs = Set(all.lazy.filter { $0.bootRowID == latest.bootRowID }.map(\.id))
        lastSequence = found.first?["boot_sequence"] ?? 0
    }

    /// Adds what is not in chunks.
    mutating func add(_ tails: [Int64: ArrivalIndex.Heap]) {
        self.tails = tails
        for index in rows.indices {
            guard let figures = tails[rows[index].id]?.figures else { continue }
            rows[index].add(figures)
        }
        if let figures = tails[current.id]?.figures { current.add(figures) }
        for (heap, arrivals) in tails where bootHeapIDs.contains(heap) {
            lastSequence = max(lastSequence, arrivals.figures.sequence)
        }
    }

    /// Up to when the heap's history is known: its last report. Nothing is known of later times, whatever clocks say.
    var knownUntil: Timestamp? { rows.first { $0.lastTime != nil }?.lastTime }

    /// The heap's first report. Nothing is known of earlier times, not even whether something is missing.
    var knownSince: Timestamp? { rows.lazy.compactMap(\.firstTime).min() }

    /// The device has greeted with no later boot.
    func isOfLatestBoot(_ row: HeapRow) -> Bool { bootHeapIDs.contains(row.id) }

    /// The last report of a boot.
    func lastTime(ofBoot heap: HeapRow) -> Timestamp {
        rows.lazy.filter { $0.bootRowID == heap.bootRowID }.compactMap(\.lastTime).max()
            ?? Timestamp(microseconds: .min)
    }

    /// The silence that lasts: nothing is known of `time`, nor of the time since the last report. Nil while the device may
    /// just have nothing to say.
    func silence(before time: Timestamp) -> Gap? {
        guard let known = knownUntil, time > known else { return nil }
        let quiet = isConnected ? HistoryQuery.quietInterval : 0
        guard time.microseconds &- known.microseconds > quiet else { return nil }
        return Gap(
            start: known, end: nil, cause: isConnected ? .silence : .disconnected, operations: nil, frames: nil)
    }

    /// Times that a wrong clock has given: what happened at such a time is not known, whatever is stored.
    func isDoubtful(_ time: Timestamp, _ db: Database) throws -> Bool {
        try !doubtfulTimes(from: time, through: time, db).isEmpty
    }

    func doubtfulTimes(
        from start: Timestamp, through end: Timestamp, _ db: Database
    ) throws -> [(start: Timestamp, end: Timestamp)] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT DISTINCT start_time, end_time FROM doubtful_times
                    JOIN heaps ON heaps.id = heap_id JOIN boots ON boots.id = boot_id
                    WHERE device_id = (SELECT id FROM devices WHERE name = ?) AND start_time <= ? AND end_time >= ?
                    """), arguments: [device, end.microseconds, start.microseconds])
        return rows.map { (Timestamp(microseconds: $0[0]), Timestamp(microseconds: $0[1])) }
    }

    func frames(_ db: Database, _ heap: HeapRow) throws -> HeapFrames {
        try HeapFrames(db, heapID: heap.id, arrivals: tails[heap.id])
    }
}
