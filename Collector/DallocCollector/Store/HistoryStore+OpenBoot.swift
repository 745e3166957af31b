// Enters a device that greets.

internal import GRDB
internal import HeapHistory
internal import HeapWire

extension HistoryStore {
    /// Enters the device, its boot and its heaps where they are new, and finds what is stored of them. Nothing else may be stored of the
    /// device meanwhile.
    func openBoot(_ hello: DeviceHello, link: String, at now: Timestamp) async throws -> OpenedBoot {
        let (id, heaps) = try await commits.commit { try Self.enter(hello, link: link, at: now, $0) }
        clock.note(boot: id)
        let tails = tail.heaps(heaps)
        return try await read { [fleet, openBoots] db in
            guard
                let boot = try Row.fetchOne(
                    db.cachedStatement(sql: "SELECT *, id AS boot_id FROM boots WHERE id = ?"), arguments: [id])
            else { throw DatabaseError(message: "the boot was not stored") }
            try fleet.refresh(boot["device_id"], db) { tails.mapValues(\.figures) }
            openBoots.insert(id, of: boot["device_id"])
            let last = tails.values.map(\.figures.sequence).max() ?? 0
            return OpenedBoot(
                id: id, clock: try BootClock(db, boot), lastSequence: max(boot["last_sequence"], last),
                heaps: try zip(heaps, hello.heaps).map { heap, announced in
                    try Self.openHeap(announced, id: heap, HeapFrames(db, heapID: heap, tail: tails[heap]), db)
                })
        }
    }

    /// Returns the rows of the boot and of its heaps.
    private static func enter(
        _ hello: DeviceHello, link: String, at now: Timestamp, _ db: Database
    ) throws -> (boot: Int64, heaps: [Int64]) {
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
                        last_sequence, last_seen)
                    VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, 0, ?7)
                    ON CONFLICT (device_id, boot, run) DO UPDATE SET build = ?3, link = ?4, last_seen = ?7 RETURNING id
                    """),
            arguments: [
                device, Int64(hello.boot), hello.build, link, Int64(hello.ticksPerSecond), Int64(hello.tick),
                now.microseconds,
            ])
        guard let boot else { throw DatabaseError(message: "the boot was not stored") }
        return (boot, try hello.heaps.map { try enter($0, boot: boot, db) })
    }

    private static func enter(_ heap: DeviceHello.AnnouncedHeap, boot: Int64, _ db: Database) throws -> Int64 {
        let layout = heap.layout
        let id = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    INSERT INTO heaps
                        (boot_id, number, name, base_address, size, alignment, table_size, pointer_width, traits)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET name = name RETURNING id
                    """),
            arguments: [
                boot, Int64(heap.number), heap.name, Int64(bitPattern: layout.baseAddress), Int64(layout.size),
                Int64(layout.alignment), Int64(layout.tableSize), Int64(layout.pointerWidth),
                Int64(layout.traits.rawValue),
            ])
        guard let id else { throw DatabaseError(message: "the heap was not stored") }
        return id
    }

    private static func openHeap(
        _ heap: DeviceHello.AnnouncedHeap, id: Int64, _ frames: HeapFrames, _ db: Database
    ) throws -> OpenedBoot.OpenedHeap {
        let last = try frames.last(through: Int64(UInt32.max))
        let gap = try GapRecord.fetchOpen(db, heapID: id)
        // Without a gap, an inexact frame is a part of the first table.
        let isExact = gap == nil && last?.isExact == true
        return OpenedBoot.OpenedHeap(
            id: id, announced: heap, material: try frames.material(through: Int64(UInt32.max)), lastFrame: last,
            lastExactSequence: gap?.startSequence ?? (isExact ? last?.sequence : nil) ?? 0,
            lastExactTime: gap?.startTime ?? (isExact ? last?.time : nil), openGap: gap)
    }
}
