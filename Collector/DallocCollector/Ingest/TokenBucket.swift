// SPDX-License-Identifier: Apache-2.0
//
// Limits an average rate and lets short bursts pass: tokens come at the rate, and taking more of them means to wait.

internal import NIOCore

struct TokenBucket: Sendable {
    /// Tokens a second.
    private let rate: Double
    /// The most tokens: what a device has kept while it was away may come at once.
    private let burst: Double
    private var tokens: Double
    private var last: NIODeadline

    /// - Parameter rate: bytes a second, at least 1.
    init(rate: Int, at now: NIODeadline) {
        self.init(rate: Double(max(rate, 1)), burst: Double(max(rate, 1)) * 4, at: now)
    }

    init(rate: Double, burst: Double, at now: NIODeadline) {
        (self.rate, self.burst) = (rate, burst)
        (tokens, last) = (burst, now)
    }

    /// Takes what was received. How long to wait until more is read.
    mutating func take(_ bytes: Int, at now: NIODeadline) -> Duration {
        refill(at: now)
        tokens -= Double(bytes)
        return tokens >= 0 ? .zero : .seconds(-tokens / rate)
    }

    /// Takes one token if there is one.
    mutating func takeIfThere(at now: NIODeadline) -> Bool {
        refill(at: now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    func isFull(at now: NIODeadline) -> Bool {
        var copy = self
        copy.refill(at: now)
        return copy.tokens >= burst
    }

    private mutating func refill(at now: NIODeadline) {
        let passed = Double(max(0, (now - last).nanoseconds)) / 1e9
        tokens = min(burst, tokens + passed * rate)
        last = max(last, now)
    }
}
