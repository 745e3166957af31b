// SPDX-License-Identifier: Apache-2.0
//
// Opens a sound database: brings its schema up to date, and reads what is kept in memory. Damage shows here, before
// any client is served.

internal import Dispatch
internal import Foundation
internal import GRDB
internal import HeapHistory
internal import Logging

struct OpenedDatabase {
    let pool: DatabasePool
    let arrivals = ArrivalIndex()
    let directory = DeviceDirectory()
    let clock: WallClock
    let missingRows: Int64

    init(
        _ file: DatabaseFile, _ durability: Durability, _ workInProgress: WorkInProgress, _ quarantine: Quarantine,
        _ logger: Logger,
        _ time: WallClock.Source
    ) throws {
        let hasLog = FileManager.default.fileExists(atPath: file.path + "-wal")
        try file.prepare()
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            // A log that a reader made grow gives its space back when it is emptied.
            try db.execute(sql: "PRAGMA journal_size_limit = \(Self.shortLog)")
        }
        configuration.maximumReaderCount = Self.readers
        configuration.persistentReadOnlyConnections = true
        let pool = try DatabasePool(path: file.path, configuration: configuration)
        self.pool = pool
        // After what GRDB does for WAL: that sets NORMAL.
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = \(durability == .power ? "FULL" : "NORMAL")")
        }
        try HistoryStore.migrator.migrate(pool)
        let (arrivals, directory) = (arrivals, directory)
        Self.openReaders(of: pool)
        try pool.read { try arrivals.load($0, at: .now, workInProgress) }
        let condemned = workInProgress.condemned
        let (ledger, last, lastBoot) = try pool.write { db in
            try Quarantine.enter(condemned, at: .now, db, logger)
            let ledger = try Ledger(db)
            try Ledger.setOpen(true, db)
            return (ledger, try ledger.lastRow(db), try Int64.fetchOne(db, sql: "SELECT max(id) FROM boots") ?? 0)
        }
        workInProgress.forget(condemned)
        // The file itself must say that it is open, for those who copy it without its log.
        _ = try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        arrivals.goOn(after: max(last, workInProgress.acknowledgedRow))
        missingRows = Self.missingRows(ledger, last, hasLog, workInProgress, file, logger)
        clock = WallClock(time, ledger, lastBoot: lastBoot)
        let wasUnproven = ledger.lastUptime &- ledger.steadyUptime < WallClock.proof
        if clock.isBehindLedger {
            logger.warning(
                "the clock was ahead of now when the collector ran last: what was recorded then is in doubt",
                metadata: ["clock": "\(ledger.lastTime)"])
            let now = Timestamp(microseconds: time.wall())
            try pool.write { db in
                if wasUnproven { return try ClockCorrection.mark(bootsAfter: ledger.steadyBoot, db) }
                try ClockCorrection.doubt(after: now, bootsThrough: lastBoot, db)
                try ClockCorrection.closeBoots(db)
            }
        }
        try pool.read { db in
            try directory.load(db, arrivals)
            try quarantine.load(db)
        }
    }

    /// How many questions, and greetings of devices, read at a time.
    private static let readers = 5

    /// Opens all connections for reading now: later there may be no descriptors left for them.
    private static func openReaders(of pool: DatabasePool) {
        let opened = Counter()
        let done = DispatchGroup()
        let deadline = ContinuousClock.now + .seconds(2)
        for _ in 0..<readers {
            done.enter()
            Thread {
                defer { done.leave() }
                try? pool.read { _ in
                    opened.add()
                    // Each task holds its connection until all have one.
                    while opened.value < readers, ContinuousClock.now < deadline { usleep(200) }
                }
            }.start()
        }
        done.wait()
    }

    /// Bytes of a log that is emptied now and then.
    static let shortLog = 67_108_864

    /// Compares what the database has with what was acknowledged.
    private static func missingRows(
        _ ledger: Ledger, _ last: Int64, _ hasLog: Bool, _ workInProgress: WorkInProgress, _ file: DatabaseFile,
        _ logger: Logger
    ) -> Int64 {
        let missing = max(0, workInProgress.acknowledgedRow &- last)
        // When nothing says what was acknowledged, only a missing log tells of a loss.
        let isUnknown = ledger.isOpen && !hasLog && workInProgress.acknowledgedRow == 0
        guard missing > 0 || isUnknown else { return 0 }
        logger.critical(
            "frames that were acknowledged are missing: the database's log was cut, or is lost",
            metadata: ["database": "\(file.path)", "frames": "\(missing)"])
        return missing
    }
}
