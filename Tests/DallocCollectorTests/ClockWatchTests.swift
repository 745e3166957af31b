// SPDX-License-Identifier: Apache-2.0
//
// Device clocks that stand while the device works, told from lines that stall.

import Testing

@testable import DallocCollector

struct ClockWatchTests {
    /// Frames with operations, each so many microseconds of true time after the one before; the clock counts a share of them.
    private func findings(
        rate: Double, every step: UInt64 = 1_000_000, frames: Int, arrival: (UInt64) -> UInt64 = { $0 },
        hasOperations: Bool = true
    ) -> [ClockWatch.Finding] {
        var watch = ClockWatch(ticksPerSecond: 1000)
        return (0..<frames).compactMap { number in
            let now = UInt64(number) * step
            return watch.observe(
                tick: 5000 + UInt64(Double(now) * rate / 1000), hasOperations: hasOperations,
                uptime: 7_000_000_000 + arrival(now))
        }
    }

    @Test func aClockThatStandsIsFoundEachMinute() {
        #expect(
            findings(rate: 0, frames: 200)
                == Array(
                    repeating: ClockWatch.Finding.stands(counted: 0, passed: 60_000_000), count: 3))
    }

    /// A tick that stops while the device sleeps, which it does all but a hundredth of the time.
    @Test func oneThatHardlyGoesIsFoundAsWell() {
        let found = findings(rate: 0.01, every: 20_000_000, frames: 20)
        #expect(found.count >= 3)
        #expect(found.allSatisfy { if case .stands = $0 { true } else { false } })
    }

    @Test(arguments: [1.0, 0.5, 1.1, 0.1])
    func aClockThatGoesIsLeftAlone(rate: Double) {
        #expect(findings(rate: rate, frames: 1000) == [.goes])
    }

    @Test func aDeviceThatDoesNothingIsLeftAlone() {
        #expect(findings(rate: 0, frames: 1000, hasOperations: false) == [])
    }

    /// Whatever a line keeps back comes in one go, with the ticks of when it was cut.
    @Test(arguments: [30, 61, 120, 600, 3600] as [UInt64])
    func aLineThatStallsIsNoClockThatStands(seconds: UInt64) {
        let stall = seconds * 1_000_000
        let found = findings(rate: 1, frames: 20_000) { ($0 / stall + 1) * stall }
        #expect(found.allSatisfy { $0 == .goes })
        let once = findings(rate: 1, frames: 5000) { $0 > 3_000_000 ? max($0, stall) : $0 }
        #expect(once.allSatisfy { $0 == .goes })
    }

    @Test func aClockThatGoesAgainIsTold() {
        var watch = ClockWatch(ticksPerSecond: 1)
        var found: [ClockWatch.Finding] = []
        for second in 0..<200 as Range<UInt64> {
            if let finding = watch.observe(
                tick: second < 100 ? 5 : second, hasOperations: true, uptime: second * 1_000_000)
            {
                found.append(finding)
            }
        }
        #expect(found == [.stands(counted: 0, passed: 60_000_000), .goes])
    }

    @Test func ticksOutOfAllReasonDoNoHarm() {
        for length in [0, 1, UInt64.max] {
            var watch = ClockWatch(ticksPerSecond: 0, length: length)
            for tick in [0, 1 << 62, 5, UInt64.max, 0, 1] as [UInt64] {
                for uptime in [0, UInt64.max, 1, UInt64.max / 2] as [UInt64] {
                    for _ in 0..<6 { _ = watch.observe(tick: tick, hasOperations: true, uptime: uptime) }
                }
            }
        }
    }
}
