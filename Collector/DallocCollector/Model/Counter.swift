// SPDX-License-Identifier: Apache-2.0
//
// A counter that many tasks increase at once.

internal import Synchronization

struct Counter: ~Copyable, Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add(_ more: Int = 1) {
        count.wrappingAdd(more, ordering: .relaxed)
    }
}
