// SPDX-License-Identifier: Apache-2.0
//
// Device clocks that drift, stand still, or report late, against a clock that is right.

import HeapHistory
import Testing

@testable import DallocCollector

struct ClockTests {
    /// A device that cuts a frame a second, and what its frames' ticks are taken for.
    private struct Drifting {
        /// Microseconds of true time, and what the device's clock says, in milliseconds from 5000 on.
        var now: Int64 = 1_700_000_000_000_000
        var device = 5000.0
        let rate: Double
        var discipline: ClockDiscipline
        var lastTime = Timestamp(microseconds: 0)
        var random: UInt64 = 1

        init(rate: Double) {
            self.rate = rate
            discipline = ClockDiscipline(
                BootClock(ticksPerSecond: 1000, anchorTick: 5000, anchorTime: Timestamp(microseconds: now)))
        }

        mutating func pass(seconds: Double) {
            now += Int64(seconds * 1_000_000)
            device += seconds * 1000 * rate
        }

        /// A frame is cut now, and arrives after `delay` microseconds. Returns the error of its time, in microseconds.
        mutating func report(delay: Int64) -> Int64 {
            let tick = UInt64(device)
            let time = discipline.clock.time(of: tick)
            #expect(time >= lastTime, "history stays in order")
            lastTime = time
            _ = discipline.observe(tick: tick, arrival: Timestamp(microseconds: now + delay))
            #expect(discipline.clock.time(of: tick) == time, "a time is for good")
            return time.microseconds - now
        }

        /// The jitter of a radio: mostly some milliseconds, now and then seconds.
        mutating func jitter() -> Int64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Int64(random >> 40)
            return value % 20 == 0 ? value % 4_000_000 : value % 15_000
        }
    }

    @Test(arguments: [1.0, 1.000_05, 0.999_95, 1.002, 0.98, 1.03])
    func aClockThatDriftsIsFollowed(rate: Double) {
        var clock = Drifting(rate: rate)
        var worst: Int64 = 0
        for second in 1...7200 {
            clock.pass(seconds: 1)
            let delay = clock.jitter()
            let error = clock.report(delay: delay)
            if second > 1800 { worst = max(worst, abs(error)) }
        }
        #expect(worst < 100_000, "after half an hour, within a tenth of a second")
        #expect(clock.discipline.clock.segments.count < 60)
        if rate == 1 { #expect(clock.discipline.clock.segments.count == 1, "nothing to correct") }
    }

    @Test func aClockThatStoodStillIsSteppedOver() {
        var clock = Drifting(rate: 1)
        for _ in 1...100 {
            clock.pass(seconds: 1)
            _ = clock.report(delay: 1000)
        }
        clock.now += 40_000_000
        for _ in 1...200 {
            clock.pass(seconds: 1)
            _ = clock.report(delay: 1000)
        }
        clock.pass(seconds: 1)
        #expect(abs(clock.report(delay: 1000)) < 50_000)
    }

    @Test func aBacklogSaysNothing() {
        var clock = Drifting(rate: 1)
        // An hour was kept back; it is worked off ten times as fast as it came to be.
        for second in 1...3600 {
            clock.pass(seconds: 1)
            _ = clock.report(delay: Int64(3600 - second) * 1_000_000 + Int64(second) * 100_000)
        }
        #expect(clock.discipline.clock.segments.count == 1)
    }

    @Test func aJumpOfTheCollectorsClockMovesNothingUntilItIsBelieved() {
        var clock = Drifting(rate: 1)
        clock.discipline.isArrivalBelieved = false
        for jump in [3_600_000_000, -3_600_000_000, 0] as [Int64] {
            for _ in 1...300 {
                clock.pass(seconds: 1)
                #expect(abs(clock.report(delay: jump + 500)) < 100_000)
            }
        }
        #expect(!clock.discipline.isFarAhead)
    }

    @Test func aClockThatIsFarAheadHasToBeginAnew() {
        var clock = Drifting(rate: 1)
        for jump in [3_600_000_000, 0] as [Int64] {
            #expect(!clock.discipline.isFarAhead)
            for _ in 1...300 {
                clock.pass(seconds: 1)
                _ = clock.report(delay: jump + 500)
            }
        }
        #expect(clock.discipline.isFarAhead, "an hour forward was taken, and there is no way back")
    }

    @Test func aClockThatIsAMinuteAheadIsHeldBackUntilItIsRight() {
        var clock = Drifting(rate: 1)
        for jump in [50_000_000, 0] as [Int64] {
            for _ in 1...300 {
                clock.pass(seconds: 1)
                _ = clock.report(delay: jump + 500)
            }
        }
        for _ in 1...10_000 {
            clock.pass(seconds: 1)
            _ = clock.report(delay: 500)
        }
        clock.pass(seconds: 1)
        #expect(abs(clock.report(delay: 500)) < 100_000, "time passed at half the speed until it was right")
    }

    @Test func ticksOutOfAllReasonDoNoHarm() {
        var discipline = ClockDiscipline(
            BootClock(ticksPerSecond: 1, anchorTick: 0, anchorTime: Timestamp(microseconds: 0)))
        for tick in [0, 1 << 61, 5, 1 << 61, (1 << 61) + 1, (1 << 62) - 1, 0] as [UInt64] {
            for arrival in [Int64.min, -1, 0, 61_000_000, 200_000_000, Int64.max / 2] {
                for _ in 0..<6 { _ = discipline.observe(tick: tick, arrival: Timestamp(microseconds: arrival)) }
            }
        }
    }

    @Test func theDatabaseKeepsCorrections() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var device = ScriptedDevice()
        for second in 0..<300 {
            device.tick = 1000 + UInt64(second) * 990
            device.allocate(8, owner: 0x1000)
            device.free(0)
            #expect(try await history.receive(device.keyframe(), at: RecordedHistory.time(Int64(1000 + second * 1000))))
        }
        let before = history.session.clock
        #expect((before?.segments.count ?? 0) > 1)
        try await history.greet(ScriptedDevice.hello(tick: device.tick))
        #expect(history.session.clock == before)
        let last = try await history.snapshot(.sequence(300))
        #expect(abs(last.time.microseconds - RecordedHistory.time(300_000).microseconds) < 1_000_000)
        #expect(try await history.snapshot(.time(last.time)).sequence == 300)
    }
}
