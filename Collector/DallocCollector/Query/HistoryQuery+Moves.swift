// SPDX-License-Identifier: Apache-2.0
//
// `moves`: what compaction relocated, found by replaying the operations of a range, as far as one question's work goes.

internal import GRDB
public import HeapHistory
internal import HeapReplica

extension HistoryQuery {
    /// - Parameters:
    ///   - since: operations after this moment.
    ///   - until: operations up to and with this moment.
    ///   - limit: the most moves to answer with; the latest are kept.
    /// - Throws: ``Problem`` when there is no such device, heap or frame.
    public func moves(
        device: String, heap: String?, since: Moment, until: Moment, limit: Int
    ) async throws -> MoveList {
        let answer = try await moveAnswer(device: device, heap: heap, since: since, until: until, limit: limit)
        var list = answer.list
        list.moves = Array(answer.elements)
        return list
    }

    /// The same in less memory.
    /// - Parameter steps: the work that the search may cost: ``WorkBudget``. The table that it begins with is not counted: a search that
    ///   goes on where another stopped must come further.
    func moveAnswer(
        device: String, heap: String?, since: Moment, until: Moment, limit: Int, steps: Int = WorkBudget.standard
    ) async throws -> MoveAnswer {
        let work = WorkBudget(limit: mostWork)
        return try await read(device, heap, work) { db, selection in
            let range = try OperationRange(db, selection, since: since, until: until)
            var walk = OperationWalk(range: range, work: work, steps: steps)
            var moves = MoveTrace(limit: limit)
            for heap in selection.rows.reversed() where range.isInBoot(heap) {
                moves.begin(heap)
                try walk.walk(selection.frames(db, heap), heap) { step, table in
                    if let relocation = table.replica.relocation(by: step.operation) {
                        work.spend(moves.add(relocation, by: step.operation, in: table, at: step.time, step.sequence))
                    }
                    return true
                }
            }
            moves.finish()
            let list = MoveList(
                device: device, heap: selection.current.number, name: selection.current.name,
                since: range.since, until: range.until, moves: [], truncated: moves.isTruncated,
                knownUntil: selection.knownUntil, stoppedAt: walk.stoppedAt,
                gaps: try Self.gaps(db, selection, since: range.since, until: range.until))
            return MoveAnswer(list: list, elements: moves)
        }
    }
}
