// SPDX-License-Identifier: Apache-2.0
//
// The operations that a question is about, by time and by sequence number.

internal import GRDB
internal import HeapHistory

struct OperationRange {
    var since = Timestamp(microseconds: Int64.min)
    var until = Timestamp(microseconds: Int64.max)
    /// Frames of the current boot that are wholly before, or the last that are within, the range.
    var after: UInt32?
    var through: UInt32?
    private let currentBoot: Int64

    init(_ db: Database, _ selection: HeapSelection, since: Moment, until: Moment) throws {
        currentBoot = selection.current.bootRowID
        switch since {
        case .time(let time): self.since = time
        case .latest: self.since = selection.knownUntil ?? .now
        case .sequence(let sequence):
            after = sequence
            self.since = try Self.time(db, selection, sequence)
        }
        switch until {
        case .time(let time): self.until = time
        case .latest: self.until = selection.knownUntil ?? .now
        case .sequence(let sequence):
            through = sequence
            self.until = try Self.time(db, selection, sequence)
        }
    }

    private static func time(_ db: Database, _ selection: HeapSelection, _ sequence: UInt32) throws -> Timestamp {
        let heap = try HistoryQuery.heapRow(selection, sequence: sequence, db)
        return try selection.frames(db, heap).last(through: Int64(sequence))?.time ?? heap.clock.segments[0].time
    }

    func isInBoot(_ heap: HeapRow) -> Bool {
        after == nil && through == nil || heap.bootRowID == currentBoot
    }

    /// Times inside a frame don't matter where its sequence number decides.
    func contains(_ time: Timestamp, sequence: UInt32) -> Bool {
        (after.map { sequence > $0 } ?? (time > since)) && (through.map { sequence <= $0 } ?? (time <= until))
    }
}
