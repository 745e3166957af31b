// SPDX-License-Identifier: Apache-2.0
//
// Lets a few questions work at a time. Short ones go first, and one place is always theirs: however many search a month for moves,
// `history` of another device is answered.

internal import Foundation

actor QuestionGate {
    enum Kind: CaseIterable {
        /// Devices, history, gaps, a snapshot.
        case short
        /// Moves.
        case long

        /// The most questions that may wait.
        fileprivate var mostWaiting: Int { self == .short ? 256 : 32 }
    }

    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private let places: Int
    private var working: [Kind: Int] = [:]
    private var waiting: [Kind: [Waiter]] = [:]
    private var lastID: UInt64 = 0

    init(places: Int = max(2, ProcessInfo.processInfo.activeProcessorCount)) {
        self.places = max(2, places)
    }

    /// Does `body` when it is its turn.
    /// - Throws: ``Overload`` when too many wait, `CancellationError`, and what `body` throws.
    nonisolated func pass<Answer: Sendable>(_ kind: Kind, _ body: () async throws -> Answer) async throws -> Answer {
        try await enter(kind)
        do {
            let answer = try await body()
            await leave(kind)
            return answer
        } catch {
            await leave(kind)
            throw error
        }
    }

    private func enter(_ kind: Kind) async throws {
        if waiting[kind, default: []].isEmpty, hasPlace(for: kind) {
            working[kind, default: 0] += 1
            return
        }
        guard waiting[kind, default: []].count < kind.mostWaiting else { throw Overload.waiting }
        lastID &+= 1
        let id = lastID
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                // A cancellation from here on finds it.
                guard !Task.isCancelled else { return continuation.resume(throwing: CancellationError()) }
                waiting[kind, default: []].append(Waiter(id: id, continuation: continuation))
            }
        } onCancel: {
            Task { await self.forget(id, kind) }
        }
    }

    private func leave(_ kind: Kind) {
        working[kind, default: 0] -= 1
        for kind in Kind.allCases {
            while hasPlace(for: kind), let next = waiting[kind]?.first {
                waiting[kind]?.removeFirst()
                working[kind, default: 0] += 1
                next.continuation.resume()
            }
        }
    }

    private func forget(_ id: UInt64, _ kind: Kind) {
        guard let index = waiting[kind]?.firstIndex(where: { $0.id == id }) else { return }
        waiting[kind]?.remove(at: index).continuation.resume(throwing: CancellationError())
    }

    private func hasPlace(for kind: Kind) -> Bool {
        guard working.values.reduce(0, +) < places else { return false }
        return kind == .short || working[.long, default: 0] < places - 1
    }
}
