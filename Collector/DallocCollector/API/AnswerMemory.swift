// SPDX-License-Identifier: Apache-2.0
//
// The memory of answers that are being sent. Clients that don't read can't fill it.

internal import Synchronization

final class AnswerMemory: Sendable {
    /// Memory that an answer keeps until this is gone.
    final class Lease: Sendable {
        private let memory: AnswerMemory
        private let bytes: Int

        fileprivate init(_ memory: AnswerMemory, bytes: Int) {
            (self.memory, self.bytes) = (memory, bytes)
            memory.held.add(bytes, ordering: .relaxed)
        }

        deinit { memory.held.subtract(bytes, ordering: .relaxed) }
    }

    private let most: Int
    private let held = Atomic<Int>(0)

    init(most: Int = APILimits.answers) { self.most = most }

    /// No question that has a long answer may begin.
    var isFull: Bool { held.load(ordering: .relaxed) >= most }

    func lease(_ bytes: Int) -> Lease { Lease(self, bytes: bytes) }
}
