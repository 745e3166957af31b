// SPDX-License-Identifier: Apache-2.0
//
// Answers questions about the history. Each question is one read transaction: it sees the database at one moment. Its work has an end,
// and ends early when the task that asks is cancelled.

internal import GRDB
internal import HeapHistory

public struct HistoryQuery: Sendable {
    let store: HistoryStore
    /// Steps of work that one question may do.
    var mostWork = WorkBudget.patient
    /// Whether a device has a session open. Of one that has, silence shorter than ``quietInterval`` says nothing.
    private let isConnected: @Sendable (String) async -> Bool

    /// Microseconds that a device lets pass between two frames at most, and as much again as a frame may be late: see "Silence" in
    /// schema/wire.md.
    static let quietInterval: Int64 = 15_000_000

    public init(store: HistoryStore, isConnected: @escaping @Sendable (String) async -> Bool = { _ in false }) {
        (self.store, self.isConnected) = (store, isConnected)
    }

    /// - Parameters:
    ///   - device: its id.
    ///   - heap: a name or a number; nil is the lowest number of the current boot.
    /// - Throws: ``Problem`` when there is no such device or heap, or the answer takes too much work.
    func read<Answer: Sendable>(
        _ device: String, _ heap: String?, _ answer: @Sendable @escaping (Database, HeapSelection) throws -> Answer
    ) async throws -> Answer {
        let work = WorkBudget(limit: mostWork)
        return try await read(device, heap, work) { db, selection in
            let result = Result { try answer(db, selection) }
            // What was read until then is wrong, and so is an error that it led to.
            guard !work.isExhausted else { throw Self.tooMuchWork(device) }
            return try result.get()
        }
    }

    /// The same, for an answer that says where its work ended.
    func read<Answer: Sendable>(
        _ device: String, _ heap: String?, _ work: WorkBudget,
        _ answer: @Sendable @escaping (Database, HeapSelection) throws -> Answer
    ) async throws -> Answer {
        if let reason = store.quarantine.reason(device, .questions) {
            throw Problem(
                .internalError, "Questions about \(device) are not answered: \(reason).",
                hint: "Its row in the table set_aside of the database says since when.")
        }
        for _ in 0..<Self.mostTries {
            var selection = try await read(work) { try HeapSelection($0, device: device, heap: heap) }
            // In this order: corrections, then memory, then the transaction. What is gathered in between is then in the
            // transaction's chunks.
            let corrections = store.arrivals.corrections
            selection.add(store.arrivals.heaps(selection.heapIDs))
            selection.isConnected = await isConnected(device)
            let complete = selection
            do {
                return try await read(work) { [workInProgress = store.workInProgress] db in
                    guard try Ledger.corrections(db) == corrections, complete.corrections == corrections else {
                        throw TimesWereCorrected()
                    }
                    return try workInProgress.hold(.question, device) { try answer(db, complete) }
                }
            } catch is TimesWereCorrected {
                try await Task.sleep(for: .milliseconds(10))
            } catch let damaged as DamagedChunk {
                await store.note(damaged)
                throw damaged.problem
            }
        }
        throw Problem(
            .overloaded, "The times in the history of \(device) are being corrected: the collector's clock was set.",
            hint: "Ask again in a moment.")
    }

    /// Reads what is asked about many devices: sums that are in the database, no frames.
    func readFleet<Answer: Sendable>(
        _ answer: @Sendable @escaping (Database, WorkBudget) throws -> Answer
    ) async throws -> Answer {
        let work = WorkBudget(limit: mostWork)
        return try await read(work) { db in
            let result = Result { try answer(db, work) }
            guard !work.isExhausted else {
                throw Problem(
                    .overloaded, "The answer about the fleet takes more work than one question may.",
                    hint: "Ask for a shorter range, or for one build or device.")
            }
            return try result.get()
        }
    }

    /// A correction of times takes a moment: a question tries this often until it is over.
    private static let mostTries = 200

    /// Parts of the answer are from before a correction of times, and parts from after it.
    private struct TimesWereCorrected: Error {}

    private func read<Answer: Sendable>(
        _ work: WorkBudget, _ answer: @Sendable @escaping (Database) throws -> Answer
    ) async throws -> Answer {
        // SQLite is interrupted by the cancellation of the task; loops without it ask the budget.
        try await withTaskCancellationHandler {
            try await store.read { db in
                try WorkBudget.$current.withValue(work) {
                    let answer = try answer(db)
                    if work.isCancelled { throw CancellationError() }
                    return answer
                }
            }
        } onCancel: {
            work.cancel()
        }
    }

    static func tooMuchWork(_ device: String) -> Problem {
        Problem(
            .overloaded, "The answer about \(device) takes more work than one question may.",
            hint: "Ask for a shorter range, a larger step or another moment.")
    }
}
