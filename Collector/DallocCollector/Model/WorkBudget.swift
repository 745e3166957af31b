// SPDX-License-Identifier: Apache-2.0
//
// Counts the work of one question. The question ends when its budget is used up, or when its client has gone:
// in a heap of 65,535 blocks a free costs milliseconds, and half a megabyte of frames can hold fifty thousand of them.

internal import HeapReplica
internal import HeapWire
internal import Synchronization

final class WorkBudget: Sendable {
    /// A step is an entry of a table that is looked at or moved: about 4 ns, so this is a second of work.
    static let standard = 200_000_000
    /// The budget until there is a first part of an answer: a full heap's table after the 32 KB of frees that may lie between two
    /// stored ones.
    static let patient = 1_500_000_000
    /// What reading a stored frame costs, beside its operations.
    private static let frame = 300
    private static let byte = 10

    /// The budget of the current question; nil for other work, which has no limit.
    @TaskLocal static var current: WorkBudget?

    private let limit: Int
    private let spent = Atomic<Int>(0)
    private let cancelled = Atomic<Bool>(false)

    init(limit: Int = WorkBudget.standard) { self.limit = limit }

    /// Steps that were done.
    var steps: Int { spent.load(ordering: .relaxed) }
    /// Nothing may be done any more.
    var isOver: Bool { isExhausted || isCancelled }
    var isExhausted: Bool { steps >= limit }
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Nobody waits for the answer any more.
    func cancel() { cancelled.store(true, ordering: .relaxed) }

    func spend(_ steps: Int) {
        // Once it is over, it can't become so large that a sum of it overflows.
        if !isExhausted { spent.add(min(max(steps, 0), limit), ordering: .relaxed) }
    }

    /// A frame was read, and cost `steps` steps.
    func spend(frame payload: [UInt8], _ steps: Int = 0) { spend(Self.frame + payload.count * Self.byte + steps) }

    /// What `body` does with a table.
    func counting(_ table: ReplicaTable, _ body: () -> Void) {
        let before = table.replica.steps
        body()
        spend(Int(clamping: table.replica.steps &- before))
    }
}
