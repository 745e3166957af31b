// SPDX-License-Identifier: Apache-2.0
//
// How long something takes, as counts of durations up to certain bounds.

internal import Synchronization

struct Histogram: ~Copyable, Sendable {
    struct Reading: Equatable, Sendable {
        /// Seconds.
        var bounds: [Double]
        /// How many were at most as long as the bound of the same index and longer than the one before; the last are beyond all bounds.
        var counts: [Int]
        /// Seconds.
        var sum: Double
    }

    private let state: Mutex<Reading>

    /// - Parameter bounds: seconds, ascending.
    init(bounds: [Double]) {
        state = Mutex(Reading(bounds: bounds, counts: Array(repeating: 0, count: bounds.count + 1), sum: 0))
    }

    /// From 1 ms, in which a fast disk commits, to 10 s.
    static let waits = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    var reading: Reading { state.withLock { $0 } }

    func observe(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        state.withLock { state in
            state.counts[state.bounds.firstIndex { seconds <= $0 } ?? state.bounds.count] += 1
            state.sum += seconds
        }
    }
}
