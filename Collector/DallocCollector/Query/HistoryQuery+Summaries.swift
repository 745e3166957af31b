// SPDX-License-Identifier: Apache-2.0
//
// `summaries`: what a device told of a heap in place of its operations, and who allocated meanwhile.

internal import GRDB
public import HeapHistory

extension HistoryQuery {
    /// - Parameters:
    ///   - since: summaries made after this moment.
    ///   - until: summaries made up to and with this moment.
    ///   - after: ``SummaryList/next`` of the page before; nil for the first one, which also says who allocated in the range.
    ///   - limit: the most summaries of a page.
    /// - Throws: ``Problem`` when there is no such device or heap, or the range is empty.
    public func summaries(
        device: String, heap: String?, since: Timestamp, until: Timestamp, after: String? = nil, limit: Int
    ) async throws -> SummaryList {
        try Self.check(since: since, until: until)
        let cursor = try after.map { try OperationCursor($0) }
        return try await read(device, heap) { db, selection in
            var search = SummarySearch(
                since: since, until: until, limit: limit, cursor: cursor, ranking: cursor == nil ? .init() : nil)
            for heap in selection.rows.reversed() where !search.isOver {
                try search.collect(selection.frames(db, heap), heap)
            }
            return SummaryList(
                device: device, heap: selection.current.number, name: selection.current.name, since: since,
                until: until, allocatedBy: search.ranking?.shares(), summaries: search.found,
                knownUntil: selection.knownUntil, next: search.next?.description,
                gaps: try Self.gaps(db, selection, since: since, until: until))
        }
    }
}

private struct SummarySearch {
    /// Sums and operations that a page has, about.
    private static let mostParts = 50_000

    let since: Timestamp
    let until: Timestamp
    let limit: Int
    let cursor: OperationCursor?
    /// Of the whole range.
    var ranking: AllocationRanking?
    var found: [Summary] = []
    /// The last one that is listed, when there are more.
    var next: OperationCursor?
    private var last: OperationCursor?
    private var parts = 0

    init(since: Timestamp, until: Timestamp, limit: Int, cursor: OperationCursor?, ranking: AllocationRanking?) {
        (self.since, self.until, self.limit) = (since, until, limit)
        (self.cursor, self.ranking) = (cursor, ranking)
    }

    /// There is nothing more to look for.
    var isOver: Bool { next != nil && ranking == nil }

    /// Adds those of a heap whose boot is later than what was searched before.
    mutating func collect(_ frames: HeapFrames, _ heap: HeapRow) throws {
        guard heap.lastTime ?? since >= since else { return }
        if let cursor, heap.id < cursor.heap { return }
        var before =
            try cursor?.heap == heap.id
            ? frames.last(through: Int64(cursor?.sequence ?? 0)) : frames.last(at: since)
        try frames.forEach(after: Int64(before?.sequence ?? 0)) { frame in
            guard frame.time <= until else { return false }
            defer { before = frame }
            guard let summary = SummaryFrame(frame, of: heap) else { return true }
            ranking?.add(summary, build: heap.build)
            guard next == nil, found.count < limit, parts < Self.mostParts else {
                next = last
                return !isOver
            }
            let one = summary.summary(after: before)
            found.append(one)
            parts += one.sums.count + one.lastOperations.count
            last = OperationCursor(heap: heap.id, sequence: frame.sequence, place: 0)
            return true
        }
    }
}
