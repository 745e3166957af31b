// SPDX-License-Identifier: Apache-2.0
//
// Enters a device that greets.

internal import GRDB
internal import HeapHistory
internal import HeapWire

extension HistoryStore {
    /// Enters the device, its boot and its heaps where they are new, and finds what is stored of them. Nothing else may be stored of the
    /// device meanwhile. A boot id whose clock has gone back since its last frame is another run of the device, and gets rows of its own.
    /// - Parameters:
    ///   - startsOver: its frames have shown that it is another run.
    ///   - admitsNew: asked when the boot, or a heap of it, is not in the database yet.
    /// - Throws: ``TooManyNewBoots`` when that says no.
    func openBoot(
        _ hello: DeviceHello, link: String, at now: Timestamp, startsOver: Bool = false,
        admitsNew: () -> Bool = { true }
    ) async throws -> OpenedBoot {
        if let reason = quarantine.reason(hello.device, .frames) {
            throw Quarantined(device: hello.device, reason: reason)
        }
        let run = try await run(of: hello, startsOver: startsOver)
        guard !run.takesRows || admitsNew() else { throw TooManyNewBoots() }
        let entered = clock.passed
        let (id, heaps) = try await commits.commit {
            if run.isWithdrawn { try Self.removeRuns(after: run.number, of: hello, $0) }
            return try Self.enter(hello, run: run.number, link: link, at: now, entered: entered, $0)
        }
        clock.note(boot: id)
        let tails = arrivals.heaps(heaps.all)
        return try await read { [directory, openBoots] db in
            guard
                let boot = try Row.fetchOne(
                    db.cachedStatement(sql: "SELECT *, id AS boot_id FROM boots WHERE id = ?"), arguments: [id])
            else { throw DatabaseError(message: "the boot was not stored") }
            try directory.refresh(boot["device_id"], db) { tails.mapValues(\.figures) }
            openBoots.insert(id, of: boot["device_id"], corrections: try Ledger.corrections(db))
            let last = tails.values.map(\.figures.sequence).max() ?? 0
            return OpenedBoot(
                id: id, run: run.number, clock: try BootClock(db, boot),
                lastSequence: max(boot["last_sequence"], last), lastTick: run.lastTick,
                isNewRun: run.isNew,
                heaps: try zip(heaps.announced, hello.heaps).map { heap, announced in
                    try Self.openHeap(announced, id: heap, HeapFrames(db, heapID: heap, arrivals: tails[heap]), db)
                })
        }
    }

    private struct Run {
        var number: UInt32 = 1
        /// The boot id was known, and has come again for another run.
        var isNew = false
        /// A greeting looked like a later run, of which no frame has come.
        var isWithdrawn = false
        var lastTick: UInt64?
        /// It, or a heap of it, has no row yet.
        var takesRows = true
    }

    /// Runs of a boot id that are looked at; those without frames are passed over.
    private static let mostRuns = 16

    /// Which run of its boot id a device is in.
    private func run(of hello: DeviceHello, startsOver: Bool) async throws -> Run {
        let runs = try await knownRuns(of: hello)
        guard let latest = runs.first else { return Run() }
        // A greeting alone does not prove another run: a proxy may have kept it since before the last frames.
        if !startsOver, latest.isEmpty, let known = runs.first(where: { !$0.isEmpty }), !known.isClosed,
            !known.isOver(at: hello)
        {
            return Run(
                number: known.run, isWithdrawn: true, lastTick: known.lastTick, takesRows: !known.hasAllHeaps)
        }
        if latest.isClosed, latest.run < UInt32.max { return Run(number: latest.run &+ 1) }
        guard startsOver || latest.isOver(at: hello), latest.run < UInt32.max else {
            return Run(number: latest.run, lastTick: latest.lastTick, takesRows: !latest.hasAllHeaps)
        }
        return Run(number: latest.run &+ 1, isNew: true)
    }

    /// The runs of a device's boot id, the latest first.
    private func knownRuns(of hello: DeviceHello) async throws -> [KnownBoot] {
        var runs = try await read { db -> [KnownBoot] in
            let boots = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT boots.id, run, ticks_per_second, anchor_tick, is_closed FROM boots
                        JOIN devices ON devices.id = device_id WHERE name = ? AND boot = ? ORDER BY run DESC LIMIT ?
                        """), arguments: [hello.device, Int64(hello.boot), Self.mostRuns])
            return try boots.map {
                KnownBoot(
                    run: UInt32(clamping: $0["run"] as Int64), ticksPerSecond: $0["ticks_per_second"],
                    anchorTick: UInt64(clamping: $0["anchor_tick"] as Int64), isClosed: $0["is_closed"],
                    heaps: try Self.heaps(ofBoot: $0["id"], db),
                    hasAllHeaps: try Self.hasHeaps(hello.heaps, boot: $0["id"], db))
            }
        }
        for index in runs.indices {
            let heaps = runs[index].heaps
            let tails = arrivals.heaps(heaps)
            let (isEmpty, lastTick) = try await read {
                (
                    try Self.lastSequence(of: heaps, tails, $0) == nil,
                    try Self.lastTick(of: heaps, tails, $0)
                )
            }
            (runs[index].isEmpty, runs[index].lastTick) = (isEmpty, lastTick)
            // Earlier runs don't matter.
            if !isEmpty { break }
        }
        return runs
    }

    /// Forgets runs that have no frames.
    private static func removeRuns(after run: UInt32, of hello: DeviceHello, _ db: Database) throws {
        try db.execute(
            sql: """
                DELETE FROM boots
                WHERE boot = ?1 AND run > ?2 AND device_id = (SELECT id FROM devices WHERE name = ?3)
                """, arguments: [Int64(hello.boot), Int64(run), hello.device])
    }

    /// A run of a boot id that has come before.
    private struct KnownBoot: Sendable {
        var run: UInt32
        var ticksPerSecond: Int64
        var anchorTick: UInt64
        /// The collector's clock was set back: its times can't go on.
        var isClosed: Bool
        var heaps: [Int64]
        /// Those that are announced now are among them.
        var hasAllHeaps: Bool
        /// No frame of it ever came.
        var isEmpty = true
        /// Of its last frame; nil when it has none, or it is no longer kept.
        var lastTick: UInt64?

        /// The device's clock has gone back since, or is another one.
        func isOver(at hello: DeviceHello) -> Bool {
            let isBack = !hello.mayBeOld && hello.tick < max(lastTick ?? 0, anchorTick)
            return isBack || Int64(hello.ticksPerSecond) != ticksPerSecond
        }
    }

    private static func hasHeaps(_ announced: [DeviceHello.AnnouncedHeap], boot: Int64, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT 1 FROM heaps WHERE boot_id = ? AND number = ? AND name = ? AND base_address = ? AND size = ?
                    AND alignment = ? AND table_size = ? AND pointer_width = ? AND traits = ?
                """)
        return try announced.allSatisfy { try Int.fetchOne(statement, arguments: key(of: $0, boot: boot)) != nil }
    }

    private static func key(of heap: DeviceHello.AnnouncedHeap, boot: Int64) -> StatementArguments {
        let layout = heap.layout
        return [
            boot, Int64(heap.number), heap.name, Int64(bitPattern: layout.baseAddress), Int64(layout.size),
            Int64(layout.alignment), Int64(layout.tableSize), Int64(layout.pointerWidth),
            Int64(layout.traits.rawValue),
        ]
    }

    private static func heaps(ofBoot boot: Int64, _ db: Database) throws -> [Int64] {
        try Int64.fetchAll(
            db.cachedStatement(sql: "SELECT id FROM heaps WHERE boot_id = ? ORDER BY id"), arguments: [boot])
    }

    /// The last frame that ever came of these heaps, and of which it is; nil when none did.
    private static func lastSequence(
        of heaps: [Int64], _ tails: [Int64: ArrivalIndex.Heap], _ db: Database
    ) throws -> (heap: Int64, sequence: Int64)? {
        var last: (heap: Int64, sequence: Int64)?
        for heap in heaps {
            let gathered = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT last_sequence FROM heaps WHERE id = ?"), arguments: [heap])
            let sequence = max(gathered ?? 0, Int64(tails[heap]?.figures.sequence ?? 0))
            if sequence > last?.sequence ?? 0 { last = (heap, sequence) }
        }
        return last
    }

    /// Its tick; nil when there is none, or it is no longer kept.
    private static func lastTick(of heaps: [Int64], _ tails: [Int64: ArrivalIndex.Heap], _ db: Database) throws
        -> UInt64?
    {
        guard let last = try lastSequence(of: heaps, tails, db) else { return nil }
        return try HeapFrames(db, heapID: last.heap, arrivals: tails[last.heap]).last(through: last.sequence)?.fields?
            .tick
    }

    /// Returns the rows of the boot, of the announced heaps, and of all that it ever had.
    private static func enter(
        _ hello: DeviceHello, run: UInt32, link: String, at now: Timestamp, entered: Timestamp, _ db: Database
    ) throws -> (boot: Int64, heaps: (announced: [Int64], all: [Int64])) {
        let device = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    INSERT INTO devices (name, first_seen, last_seen) VALUES (?1, ?2, ?2)
                    ON CONFLICT (name) DO UPDATE SET last_seen = ?2 RETURNING id
                    """), arguments: [hello.device, now.microseconds])
        let boot = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    INSERT INTO boots (device_id, boot, run, build, link, ticks_per_second, anchor_tick, anchor_time,
                        last_sequence, last_seen, entered)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?8, ?9)
                    ON CONFLICT (device_id, boot, run) DO UPDATE SET build = ?4, link = ?5, last_seen = ?8 RETURNING id
                    """),
            arguments: [
                device, Int64(hello.boot), Int64(run), hello.build, link, Int64(hello.ticksPerSecond),
                // At most 2^62.
                Int64(clamping: hello.tick), now.microseconds, entered.microseconds,
            ])
        guard let boot else { throw DatabaseError(message: "the boot was not stored") }
        let announced = try hello.heaps.map { try enter($0, boot: boot, db) }
        return (boot, (announced, try heaps(ofBoot: boot, db)))
    }

    private static func enter(_ heap: DeviceHello.AnnouncedHeap, boot: Int64, _ db: Database) throws -> Int64 {
        let id = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    INSERT INTO heaps
                        (boot_id, number, name, base_address, size, alignment, table_size, pointer_width, traits)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET name = name RETURNING id
                    """), arguments: key(of: heap, boot: boot))
        guard let id else { throw DatabaseError(message: "the heap was not stored") }
        return id
    }

    private static func openHeap(
        _ heap: DeviceHello.AnnouncedHeap, id: Int64, _ frames: HeapFrames, _ db: Database
    ) throws -> OpenedBoot.OpenedHeap {
        let (last, reported, material) = try frames.end()
        let gap = try GapRecord.fetchOpen(db, heapID: id)
        // Without a gap, an inexact frame is a part of the first table.
        let isExact = gap == nil && last?.isExact == true
        return OpenedBoot.OpenedHeap(
            id: id, announced: heap, material: material, lastFrame: last, lastReported: reported,
            lastExactSequence: gap?.startSequence ?? (isExact ? last?.sequence : nil) ?? 0,
            lastExactTime: gap?.startTime ?? (isExact ? last?.time : nil), openGap: gap,
            isLastSummary: last?.isSummary(in: heap.layout) ?? false)
    }
}
