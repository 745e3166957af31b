// SPDX-License-Identifier: Apache-2.0
//
// Notices a device whose clock stands, or hardly moves, while the device works: all its operations would get the same time. It compares
// the ticks of frames that have operations with the collector's monotonic clock. Frames that come together, after a stall of the line,
// count once: it takes several, some time apart, to say anything.

internal import HeapHistory

struct ClockWatch {
    enum Finding: Equatable, Sendable {
        /// What the device's clock counted, and what passed meanwhile, in microseconds.
        case stands(counted: Int64, passed: Int64)
        /// It goes, or goes again.
        case goes
    }

    private struct Window {
        let tick: UInt64
        let uptime: UInt64
        /// Frames with operations that came some time after the one before; the last of them, or the beginning.
        var samples = 0
        var lastSample: UInt64
    }

    private let ticksPerSecond: UInt64
    /// The shortest observation, in microseconds.
    private let length: UInt64
    private var window: Window?
    private var last: Bool?

    static let standard: UInt64 = 60_000_000
    private static let fewestSamples = 4
    /// A running clock counts more than this fraction (1/n) of the time that passes.
    private static let slowest: UInt64 = 16

    /// - Parameter length: microseconds from one finding to the next at least.
    init(ticksPerSecond: UInt32, length: UInt64 = ClockWatch.standard) {
        (self.ticksPerSecond, self.length) = (max(1, UInt64(ticksPerSecond)), max(8, length))
    }

    /// A frame came that the device has cut since it greeted.
    /// - Parameter uptime: microseconds of a clock that nobody sets.
    /// - Returns: that the clock stands, as long as it does; that it goes, once.
    mutating func observe(tick: UInt64, hasOperations: Bool, uptime: UInt64) -> Finding? {
        guard var window, tick >= window.tick, uptime >= window.lastSample else {
            window = Window(tick: tick, uptime: uptime, lastSample: uptime)
            return nil
        }
        if hasOperations, uptime.subtractingClamped(window.lastSample) >= length / 8 {
            window.samples += 1
            window.lastSample = uptime
        }
        self.window = window
        let passed = uptime.subtractingClamped(window.uptime)
        guard passed >= length, window.samples >= Self.fewestSamples else { return nil }
        self.window = Window(tick: tick, uptime: uptime, lastSample: uptime)
        // Ticks and microseconds are far from what a product of both could not hold in 128 bits.
        let counted = UInt128(tick.subtractingClamped(window.tick)) * 1_000_000 / UInt128(ticksPerSecond)
        let stands = counted * UInt128(Self.slowest) < UInt128(passed)
        defer { last = stands }
        if stands { return .stands(counted: Int64(clamping: counted), passed: Int64(clamping: passed)) }
        return last == false ? nil : .goes
    }
}
