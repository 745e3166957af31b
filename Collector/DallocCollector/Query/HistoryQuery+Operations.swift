// SPDX-License-Identifier: Apache-2.0
//
// `ops`: every operation of a range, in order, a page at a time.

internal import GRDB
public import HeapHistory
internal import HeapReplica
internal import HeapWire

extension HistoryQuery {
    /// - Parameters:
    ///   - since: operations after this moment.
    ///   - until: operations up to and with this moment.
    ///   - after: ``OperationList/next`` of the page before; nil for the first one.
    ///   - limit: the most operations of a page.
    /// - Throws: ``Problem`` when there is no such device, heap or frame.
    public func operations(
        device: String, heap: String?, since: Moment, until: Moment, after: String? = nil, limit: Int
    ) async throws -> OperationList {
        let work = WorkBudget(limit: mostWork)
        let cursor = try after.map { try OperationCursor($0) }
        return try await read(device, heap, work) { db, selection in
            let range = try OperationRange(db, selection, since: since, until: until)
            var list = OperationList(
                device: device, heap: selection.current.number, name: selection.current.name, since: range.since,
                until: range.until, operations: [], knownUntil: selection.knownUntil,
                gaps: try Self.gaps(db, selection, since: range.since, until: range.until))
            var walk = OperationWalk(range: range, work: work)
            var last = cursor
            for heap in selection.rows.reversed() where range.isInBoot(heap) && list.next == nil {
                if let cursor, heap.id < cursor.heap { continue }
                let start = cursor?.heap == heap.id ? cursor : nil
                func add<Event>(_ step: OperationWalk.Step<Event>, _ operation: () -> HeapOperation) -> Bool {
                    if let start, !start.isBefore(step) { return true }
                    guard list.operations.count < limit else {
                        list.next = last?.description
                        return false
                    }
                    list.operations.append(operation())
                    last = OperationCursor(heap: heap.id, sequence: step.sequence, place: step.place)
                    return true
                }
                try walk.walk(
                    selection.frames(db, heap), heap, after: start.map { $0.sequence &- 1 },
                    pin: { step, table in add(step) { HeapOperation(step, in: table) } },
                    visit: { step, table in add(step) { HeapOperation(step, in: table) } })
                if walk.stoppedAt != nil, list.next == nil {
                    // It went on for as long as a question may; a page of nothing would ask for itself.
                    guard let place = walk.reached(in: heap), place != cursor else { throw Self.tooMuchWork(device) }
                    list.next = place.description
                }
            }
            return list
        }
    }
}
