// SPDX-License-Identifier: Apache-2.0
//
// Devices that the collector can't work on: each try ended the process, or failed. Nothing new of them is taken, nothing is
// thrown away, and all other devices go on.

internal import GRDB
internal import HeapHistory
internal import Logging
internal import Synchronization

final class Quarantine: Sendable {
    enum Work: String, Sendable {
        /// What the device sends.
        case frames
        /// Questions about it.
        case questions
    }

    private struct State {
        var devices: [String: [Work: String]] = [:]
        /// Names of devices whose frames are not taken.
        var heaps: Set<Int64> = []
    }

    private let state = Mutex(State())

    /// Why nothing is done for a device; nil when all is well.
    func reason(_ device: String, _ work: Work) -> String? {
        state.withLock { $0.devices[device]?[work] }
    }

    /// Devices that are set aside, and why.
    var all: [String: String] {
        state.withLock { $0.devices.compactMapValues { $0[.frames] ?? $0[.questions] } }
    }

    func load(_ db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT name, work, reason FROM set_aside JOIN devices ON devices.id = set_aside.device_id")
        let heaps = try Int64.fetchSet(
            db,
            sql: """
                SELECT heaps.id FROM set_aside JOIN boots USING (device_id) JOIN heaps ON heaps.boot_id = boots.id
                WHERE work = 'frames'
                """)
        state.withLock { state in
            state = State(heaps: heaps)
            for row in rows {
                guard let work = Work(rawValue: row["work"]) else { continue }
                state.devices[row["name"], default: [:]][work] = row["reason"]
            }
        }
    }

    /// True when the heap's frames are kept apart.
    func has(heap: Int64) -> Bool { state.withLock { $0.heaps.contains(heap) } }

    /// Takes a heap's frames out of the arrivals, as they are, and says in its history that it ends here.
    static func keep(_ heap: Int64, through row: Int64, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO kept_frames (id, heap_id, sequence, time, exact, state, payload)
                SELECT id, heap_id, sequence, time, exact, state, payload FROM arrivals
                WHERE id <= ? AND heap_id = ?
                """, arguments: [row, heap])
        try db.execute(
            sql: """
                INSERT OR IGNORE INTO gaps (heap_id, start_sequence, start_time, cause)
                SELECT id, last_sequence, last_time, 'set_aside' FROM heaps WHERE id = ?
                """, arguments: [heap])
    }

    /// Enters a device. ``load(_:)`` makes it known once that is on disk.
    static func enter(_ device: Int64, _ work: Work, _ reason: String, at now: Timestamp, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO set_aside (device_id, work, time, reason) VALUES (?, ?, ?, ?)",
            arguments: [device, work.rawValue, now.microseconds, reason])
    }

    /// Enters the devices with which earlier processes died.
    static func enter(_ condemned: [WorkInProgress.Subject], at now: Timestamp, _ db: Database, _ logger: Logger) throws
    {
        for subject in condemned {
            let column = subject.work == .frames || subject.work == .question ? "devices.name" : "heaps.id"
            let device = try Int64.fetchOne(
                db,
                sql: """
                    SELECT devices.id FROM devices LEFT JOIN boots ON boots.device_id = devices.id
                    LEFT JOIN heaps ON heaps.boot_id = boots.id WHERE \(column) = ?
                    """, arguments: [subject.name])
            guard let device else { continue }
            let work = subject.work == .question ? Work.questions : .frames
            let reason =
                "the collector ended \(WorkInProgress.mostDeaths) times while it worked on it (\(subject.work))"
            try enter(device, work, reason, at: now, db)
            logger.critical(
                "a device is set aside: the collector ended again and again while it worked on it",
                metadata: ["subject": "\(subject.name)", "work": "\(subject.work)"])
        }
    }
}

extension HistoryStore {
    /// Keeps a heap's frames apart, and with it its device: they could not be gathered.
    func setAside(_ heap: Int64, through row: Int64, after error: any Error) async throws {
        let reason = "its frames could not be gathered: \(StoreError.cause(of: error))"
        let device = try await pool.write { db -> String? in
            try Quarantine.keep(heap, through: row, db)
            let found = try Row.fetchOne(
                db,
                sql: """
                    SELECT devices.id, devices.name FROM heaps JOIN boots ON boots.id = heaps.boot_id
                    JOIN devices ON devices.id = boots.device_id WHERE heaps.id = ?
                    """, arguments: [heap])
            guard let found else { return nil }
            try Quarantine.enter(found[0], .frames, reason, at: .now, db)
            return found[1]
        }
        try await pool.read { [quarantine] in try quarantine.load($0) }
        logger.critical(
            "a device is set aside: what it sent can't be worked on, and is kept apart",
            metadata: ["device.id": "\(device ?? "unknown")", "reason": "\(reason)"])
    }
}
