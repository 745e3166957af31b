// SPDX-License-Identifier: Apache-2.0
//
// Who is let through when many ask at a time.

import Synchronization
import Testing

@testable import DallocCollector

@Suite struct QuestionGateTests {
    /// A question that is at work until it is told to end.
    private struct Question {
        private let task: Task<Void, any Error>
        private let end: AsyncStream<Void>.Continuation

        /// - Parameter entered: is told its name when it is let through.
        init(_ gate: QuestionGate, _ kind: QuestionGate.Kind, _ name: String = "", entered: Log) {
            let (stream, end) = AsyncStream<Void>.makeStream()
            self.end = end
            task = Task {
                do {
                    try await gate.pass(kind) {
                        entered.add(name)
                        for await _ in stream {}
                    }
                } catch let overload as Overload {
                    entered.add("refused")
                    throw overload
                }
            }
        }

        func finish() async throws {
            end.finish()
            try await task.value
        }

        func cancel() async -> Bool {
            task.cancel()
            return await task.result.isFailure
        }

        func finishOrFail() async {
            end.finish()
            _ = await task.result
        }
    }

    private final class Log: Sendable {
        private let names = Mutex<[String]>([])
        func add(_ name: String) { names.withLock { $0.append(name) } }
        var all: [String] { names.withLock { $0 } }
    }

    private func expect(_ log: Log, _ names: [String]) async throws {
        while log.all.count < names.count { await Task.yield() }
        for _ in 0..<100 { await Task.yield() }
        #expect(log.all == names)
    }

    @Test func aPlaceIsLeftForShortOnesAndTheyGoFirst() async throws {
        let (gate, log) = (QuestionGate(places: 2), Log())
        let first = Question(gate, .long, "long 1", entered: log)
        try await expect(log, ["long 1"])
        let second = Question(gate, .long, "long 2", entered: log)
        try await expect(log, ["long 1"])
        let short = Question(gate, .short, "short 1", entered: log)
        try await expect(log, ["long 1", "short 1"])
        let late = Question(gate, .short, "short 2", entered: log)
        try await expect(log, ["long 1", "short 1"])
        try await first.finish()
        try await expect(log, ["long 1", "short 1", "short 2"])
        try await short.finish()
        try await expect(log, ["long 1", "short 1", "short 2", "long 2"])
        try await late.finish()
        try await second.finish()
    }

    @Test func whoLeavesTheQueueIsForgotten() async throws {
        let (gate, log) = (QuestionGate(places: 2), Log())
        let first = Question(gate, .long, "1", entered: log)
        try await expect(log, ["1"])
        let (second, third) = (
            Question(gate, .long, "2", entered: log), Question(gate, .long, "3", entered: log)
        )
        #expect(await second.cancel())
        try await first.finish()
        try await expect(log, ["1", "3"])
        try await third.finish()
        try await Question(gate, .long, "4", entered: log).finish()
    }

    @Test func theQueueHasAnEnd() async throws {
        let (gate, log) = (QuestionGate(places: 2), Log())
        let first = Question(gate, .long, "1", entered: log)
        try await expect(log, ["1"])
        let others = (0..<60).map { Question(gate, .long, "\($0)", entered: log) }
        try await expect(log, ["1"] + Array(repeating: "refused", count: 28))
        try await first.finish()
        for other in others { await other.finishOrFail() }
        #expect(log.all.count == 61)
    }
}

extension Result {
    fileprivate var isFailure: Bool { if case .failure = self { true } else { false } }
}
