// What the history knows of a boot when its device greets: where to go on, and what its heaps' tables were.

internal import GRDB
internal import HeapHistory
internal import HeapWire

struct OpenedBoot: Sendable {
    struct OpenedHeap: Sendable {
        var id: Int64
        var announced: DeviceHello.AnnouncedHeap
        var material: ReplayMaterial
        var lastExactSequence: UInt32
        var lastExactTime: Timestamp?
        var openGap: GapRecord?
    }

    var id: Int64
    var clock: BootClock
    /// The last frame that is on disk; 0 when there is none.
    var lastSequence: UInt32
    var heaps: [OpenedHeap]
}

extension HistoryStore {
    /// Enters the device, its boot and its heaps where they are new, and finds what is stored of them.
    func openBoot(_ hello: DeviceHello, link: String, at now: Timestamp) async throws -> OpenedBoot {
        try await pool.write { db in
            let device = try Int64.fetchOne(
                db,
                sql: """
                    INSERT INTO devices (name, first_seen, last_seen) VALUES (?1, ?2, ?2)
                    ON CONFLICT (name) DO UPDATE SET last_seen = ?2 RETURNING id
                    """, arguments: [hello.device, now.microseconds])
            guard
                let boot = try Row.fetchOne(
                    db,
                    sql: """
                        INSERT INTO boots (device_id, boot, build, link, ticks_per_second, anchor_tick, anchor_time,
                            last_sequence, last_seen)
                        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?7)
                        ON CONFLICT (device_id, boot) DO UPDATE SET build = ?3, link = ?4, last_seen = ?7
                        RETURNING id, id AS boot_id, ticks_per_second, anchor_tick, anchor_time, last_sequence
                        """,
                    arguments: [
                        device, Int64(hello.boot), hello.build, link, Int64(hello.ticksPerSecond),
                        Int64(hello.tick), now.microseconds,
                    ])
            else { throw DatabaseError(message: "the boot was not stored") }
            let id: Int64 = boot["id"]
            let clock = try BootClock(db, boot)
            let heaps = try hello.heaps.map { try Self.openHeap($0, boot: id, db) }
            return OpenedBoot(id: id, clock: clock, lastSequence: boot["last_sequence"], heaps: heaps)
        }
    }

    private static func openHeap(
        _ heap: DeviceHello.AnnouncedHeap, boot: Int64, _ db: Database
    ) throws -> OpenedBoot.OpenedHeap {
        let layout = heap.layout
        guard
            let id = try Int64.fetchOne(
                db,
                sql: """
                    INSERT INTO heaps
                        (boot_id, number, name, base_address, size, alignment, table_size, pointer_width, traits)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET name = name RETURNING id
                    """,
                arguments: [
                    boot, Int64(heap.number), heap.name, Int64(bitPattern: layout.baseAddress), Int64(layout.size),
                    Int64(layout.alignment), Int64(layout.tableSize), Int64(layout.pointerWidth),
                    Int64(layout.traits.rawValue),
                ])
        else { throw DatabaseError(message: "the heap was not stored") }
        let exact = try Row.fetchOne(
            db,
            sql: """
                SELECT sequence, time FROM frames WHERE heap_id = ? AND exact ORDER BY sequence DESC LIMIT 1
                """, arguments: [id])
        return OpenedBoot.OpenedHeap(
            id: id, announced: heap, material: try ReplayMaterial(db, heapID: id, through: Int64(UInt32.max)),
            lastExactSequence: exact?["sequence"] ?? 0,
            lastExactTime: (exact?["time"]).map { Timestamp(microseconds: $0) },
            openGap: try GapRecord.fetchOpen(db, heapID: id))
    }
}

extension GapRecord {
    /// The gap that has not ended yet.
    static func fetchOpen(_ db: Database, heapID: Int64) throws -> GapRecord? {
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM gaps WHERE heap_id = ? AND end_sequence IS NULL", arguments: [heapID])
        return row.map { GapRecord($0) }
    }

    init(_ row: Row) {
        self.init(
            heapID: row["heap_id"], startSequence: row["start_sequence"],
            startTime: (row["start_time"] as Int64?).map { Timestamp(microseconds: $0) },
            endSequence: row["end_sequence"],
            endTime: (row["end_time"] as Int64?).map { Timestamp(microseconds: $0) },
            cause: Gap.Cause(rawValue: row["cause"]) ?? .noKeyframe, operations: row["operations"],
            frames: row["frames"])
    }
}
