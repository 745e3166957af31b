// SPDX-License-Identifier: Apache-2.0
//
// A machine whose clock a test can set.

import HeapHistory
import Synchronization

@testable import DallocCollector

final class Machine: Sendable {
    private struct State {
        var now: Int64 = 1_700_000_000_000_000
        var error: Int64 = 0
        var started: Int64 = 1_699_999_000_000_000
        var boot = 1
    }

    private let state = Mutex(State())

    var source: WallClock.Source {
        WallClock.Source(
            wall: { self.state.withLock { $0.now + $0.error } },
            uptime: { self.state.withLock { $0.now - $0.started } },
            machineBoot: "boot \(state.withLock { $0.boot })")
    }

    /// True time, and what the clock says.
    var truth: Timestamp { state.withLock { Timestamp(microseconds: $0.now) } }
    var shown: Timestamp { state.withLock { Timestamp(microseconds: $0.now + $0.error) } }

    func pass(seconds: Double) { state.withLock { $0.now += Int64(seconds * 1_000_000) } }
    func set(error seconds: Double) { state.withLock { $0.error = Int64(seconds * 1_000_000) } }
    func restart() {
        state.withLock { state in
            state.now += 60_000_000
            state.started = state.now
            state.boot += 1
        }
    }
}
