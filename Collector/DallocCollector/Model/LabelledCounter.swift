// SPDX-License-Identifier: Apache-2.0
//
// One counter for each label. All share a lock, so use it for rare events.

internal import Synchronization

struct LabelledCounter<Label: Hashable & Sendable>: ~Copyable, Sendable {
    private let counts = Mutex<[Label: Int]>([:])

    var values: [Label: Int] { counts.withLock { $0 } }
    var total: Int { counts.withLock { $0.values.reduce(0, +) } }

    func add(_ label: Label, _ more: Int = 1) {
        counts.withLock { $0[label, default: 0] += more }
    }
}
