// Limits a rate in the long run and lets short bursts pass: tokens come at the rate, and what is taken beyond them must be waited for.

internal import NIOCore

struct TokenBucket: Sendable {
    /// Bytes a second.
    private let rate: Double
    /// How much can be saved up: what a device has kept while it was away may come at once.
    private let burst: Double
    private var tokens: Double
    private var last: NIODeadline

    /// - Parameter rate: at least 1.
    init(rate: Int, at now: NIODeadline) {
        self.rate = Double(max(rate, 1))
        burst = self.rate * 4
        (tokens, last) = (burst, now)
    }

    /// Takes what was received. How long to wait until more is read.
    mutating func take(_ bytes: Int, at now: NIODeadline) -> Duration {
        let passed = Double(max(0, (now - last).nanoseconds)) / 1e9
        tokens = min(burst, tokens + passed * rate) - Double(bytes)
        last = max(last, now)
        return tokens >= 0 ? .zero : .seconds(-tokens / rate)
    }
}
