// SPDX-License-Identifier: Apache-2.0
//
// Figures by minute and by hour, made from frames when they are gathered.

internal import GRDB
internal import HeapHistory

struct Rollup: Sendable {
    enum Level: String, CaseIterable, Sendable {
        case minutes, hours

        /// Microseconds.
        var length: Int64 { self == .minutes ? 60_000_000 : 3_600_000_000 }
    }

    /// When the minute or hour begins.
    private(set) var time: Int64
    private var figures: HeapFigures
    private var lost = Count.zero
    private var frames = 0
    private var work = HeapWork()

    /// The rows that some frames of one heap, in order, add to: those whose figures are known.
    static func rows(_ records: [FrameRecord], _ level: Level) -> [Rollup] {
        var rows: [Rollup] = []
        for record in records {
            guard let figures = record.figures else { continue }
            let time = record.frame.time.microseconds
            let start = time.subtractingClamped(time.flooredRemainder(level.length))
            if rows.last?.time != start { rows.append(Rollup(time: start, figures: figures)) }
            rows[rows.count - 1].add(record, figures)
        }
        return rows
    }

    private mutating func add(_ record: FrameRecord, _ figures: HeapFigures) {
        let peak = max(self.figures.peak, figures.peak)
        self.figures = figures
        self.figures.peak = peak
        lost += record.lost
        frames += 1
        work += record.work
    }

    /// The sum of two counts, clamped: SQLite turns a sum that does not fit into a real number, and a STRICT table refuses it.
    static func sum(_ column: String) -> String {
        "\(column) = min(\(Count.limit), \(column) + excluded.\(column))"
    }

    /// Adds to the row that there is, or makes it.
    func write(_ db: Database, heapID: Int64, _ level: Level) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO \(level.rawValue) (heap_id, time, used, live_blocks, peak, allocated, freed, failures, moves,
                    bytes_moved, lost, frames)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET used = excluded.used, live_blocks = excluded.live_blocks,
                    peak = max(peak, excluded.peak), \(Self.sum("allocated")), \(Self.sum("freed")),
                    \(Self.sum("failures")), \(Self.sum("moves")), \(Self.sum("bytes_moved")), \(Self.sum("lost")),
                    \(Self.sum("frames"))
                """)
        try statement.execute(arguments: [
            heapID, time, figures.used, figures.liveBlocks, figures.peak, work.allocated.value, work.freed.value,
            work.failures.value, work.moves.value, work.bytesMoved.value, lost.value, frames,
        ])
    }
}
