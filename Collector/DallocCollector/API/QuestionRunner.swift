// SPDX-License-Identifier: Apache-2.0
//
// Runs a question when it is its turn. It ends when its client leaves, and after a time limit.

internal import Hummingbird
internal import Logging

struct QuestionRunner: Sendable {
    let query: HistoryQuery
    let gate = QuestionGate()
    let memory = AnswerMemory()
    let connections: APIConnections

    init(query: HistoryQuery, connections: APIConnections) {
        (self.query, self.connections) = (query, connections)
    }

    /// - Throws: ``Overload``, `CancellationError` when the client has gone, and what `question` throws.
    func ask<Answer: Sendable>(
        _ kind: QuestionGate.Kind, _ context: APIContext,
        _ question: @Sendable @escaping (HistoryQuery) async throws -> Answer
    ) async throws -> Answer {
        guard !memory.isFull else { throw Overload.memory }
        let task = Task {
            try await withThrowingTaskGroup(of: Answer.self) { tasks in
                tasks.addTask { try await gate.pass(kind) { try await question(query) } }
                tasks.addTask {
                    try await Task.sleep(for: .seconds(APILimits.question))
                    throw Overload.time
                }
                defer { tasks.cancelAll() }
                guard let answer = try await tasks.next() else { throw CancellationError() }
                return answer
            }
        }
        let connection = connections.connection(of: context.channel)
        connection?.watch { task.cancel() }
        defer { connection?.stopWatching() }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
