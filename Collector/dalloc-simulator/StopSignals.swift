// SPDX-License-Identifier: Apache-2.0
//
// SIGINT and SIGTERM, taken where the loop naps instead of in a handler.

internal import Glibc

struct StopSignals {
    private var signals = sigset_t()

    init() {
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// True when one came within `microseconds`, less than a second.
    mutating func wait(upTo microseconds: UInt64) -> Bool {
        var time = timespec(tv_sec: 0, tv_nsec: Int(microseconds) * 1000)
        return sigtimedwait(&signals, nil, &time) > 0
    }
}
