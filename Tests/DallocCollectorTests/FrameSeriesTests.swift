// SPDX-License-Identifier: Apache-2.0
//
// Which number may come next, at the ends of all ranges.

import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct FrameSeriesTests {
    private func series(last: UInt32, tick: UInt64?, ticksPerSecond: UInt32 = 1000, anchor: UInt64 = 0) -> FrameSeries {
        FrameSeries(
            last: last, tick: tick,
            clock: BootClock(ticksPerSecond: ticksPerSecond, anchorTick: anchor, anchorTime: RecordedHistory.start))
    }

    private func later(_ seconds: Int64) -> Timestamp {
        Timestamp(microseconds: RecordedHistory.start.microseconds + seconds * 1_000_000)
    }

    private func place(
        _ series: FrameSeries, _ sequence: UInt32, tick: UInt64, oldest: UInt32 = 1, isOneWay: Bool = false,
        after seconds: Int64 = 0
    ) -> FrameSeries.Place {
        series.place(sequence, tick: tick, oldest: oldest, isOneWay: isOneWay, arrival: later(seconds))
    }

    @Test func framesComeInOrder() {
        let series = series(last: 7, tick: 5000)
        #expect(place(series, 8, tick: 5000) == .next)
        #expect(place(series, 7, tick: 5000) == .repeated)
        #expect(place(series, 1, tick: 10) == .repeated)
        #expect(place(series, 10, tick: 5010) == .early)
        #expect(place(series, 10, tick: 5010, oldest: 10) == .afterLost(2))
        #expect(place(series, 10, tick: 5010, isOneWay: true) == .afterLost(2))
        #expect(place(series, 11, tick: 5010, oldest: 10) == .early, "the oldest one comes first")
    }

    @Test func aTickThatGoesBackIsAnotherRun() {
        let series = series(last: 7, tick: 500_000, anchor: 4000)
        #expect(place(series, 8, tick: 300) == .ofAnotherRun)
        #expect(place(series, 3, tick: 900_000) == .ofAnotherRun, "a later tick under an earlier number")
        #expect(place(series, 8, tick: 499_500) == .next, "heaps that are a little out of order")
        #expect(place(series, 7, tick: 500_500) == .repeated)
        #expect(series.isStartedOver(at: 499_999))
        #expect(!series.isStartedOver(at: 500_000))
        let silent = self.series(last: 0, tick: nil, anchor: 4000)
        #expect(silent.isStartedOver(at: 3999))
        #expect(!silent.isStartedOver(at: 4000))
    }

    @Test func aJumpIsAtMostWhatADeviceCanHaveSent() {
        let series = series(last: 1000, tick: 60_000)
        let far: UInt32 = .max - 1
        #expect(place(series, far, tick: 60_001, oldest: far) == .implausible)
        #expect(place(series, far, tick: 1 << 61, oldest: far) == .implausible, "nor do ticks help that can't be yet")
        #expect(place(series, 1_000_000, tick: 61_000, isOneWay: true) == .implausible)
        #expect(place(series, 100_000, tick: 61_000, isOneWay: true) == .afterLost(98_999))
        // A day of silence, with more frames than anybody sends.
        #expect(place(series, 80_000_000, tick: 86_460_000, isOneWay: true, after: 86_400) == .afterLost(79_998_999))
        #expect(place(series, 90_000_000, tick: 86_460_000, isOneWay: true, after: 86_400) == .implausible)
        // The clock here was set back to before the anchor: it says nothing.
        #expect(place(series, 80_000_000, tick: 86_460_000, isOneWay: true, after: -1000) == .afterLost(79_998_999))
    }

    @Test func theFirstFrameIsNoFurtherThanADeviceCanHaveCome() {
        let far: UInt32 = .max - 1
        let first = series(last: 0, tick: nil, anchor: 1000)
        #expect(place(first, far, tick: 1005, oldest: far) == .implausible)
        #expect(
            place(first, far, tick: 1 << 61, oldest: far) == .implausible, "its clock is believed as HELLO showed it")
        #expect(place(first, 101_000, tick: 1005, oldest: 101_000) == .afterLost(100_999))
        #expect(place(first, 101_001, tick: 1005, isOneWay: true) == .implausible)
        // Two months by its clock, which HELLO showed.
        let old = series(last: 0, tick: nil, anchor: 5_000_000_000)
        #expect(place(old, far, tick: 5_000_000_000, oldest: far) == .afterLost(far - 1))
        // The tick of its last frame is no longer kept.
        let forgotten = series(last: 5_000_000, tick: nil, anchor: 1000)
        #expect(place(forgotten, 5_000_100, tick: 1005, isOneWay: true) == .afterLost(99))
        #expect(place(forgotten, 5_000_101, tick: 1005, isOneWay: true) == .implausible)
    }

    @Test func aDeviceWhoseClockIsSaidToBeSlowMayLoseAFewFrames() {
        // Its second number a million came long ago by its clock: only jumps are judged, and small ones pass.
        let series = series(last: 1_000_000, tick: 5000)
        #expect(place(series, 1_000_001, tick: 5001, isOneWay: true) == .next)
        #expect(place(series, 1_000_100, tick: 5001, isOneWay: true) == .afterLost(99))
        #expect(place(series, 1_000_200, tick: 5001, isOneWay: true) == .implausible)
    }

    @Test func theLastNumbersTrapNothing() {
        let ticks: [UInt64] = [0, 1, 1 << 61, (1 << 62) - 1, 1 << 62]
        let numbers: [UInt32] = [0, 1, 2, .max - 2, .max - 1, .max]
        for ticksPerSecond in [1, 1000, 1_000_000_000] as [UInt32] {
            for (last, tick) in numbers.flatMap({ last in ticks.map { (last, $0) } }) {
                for (sequence, next) in numbers.dropFirst().flatMap({ number in ticks.map { (number, $0) } }) {
                    for oldest in numbers.dropFirst() {
                        for seconds in [Int64.min / 2_000_000, -1, 0, 1, 4_000_000_000] {
                            let series = series(last: last, tick: tick, ticksPerSecond: ticksPerSecond, anchor: tick)
                            let isOneWay = oldest % 2 == 0
                            let place = place(
                                series, sequence, tick: next, oldest: oldest, isOneWay: isOneWay, after: seconds)
                            if case .afterLost(let count) = place { #expect(count < sequence) }
                        }
                    }
                }
            }
        }
    }

    @Test func theLastNumberOfAllIsTakenAndNothingAfterIt() async throws {
        let history = try RecordedHistory()
        // Its clock says that it can have sent so many.
        let tick: UInt64 = 5_000_000_000
        try await history.greet(ScriptedDevice.hello(oldest: .max, tick: tick))
        var device = ScriptedDevice()
        device.tick = tick
        device.skip(to: .max)
        let last = device.keyframe()
        #expect(try await history.receive(last))
        #expect(history.session.ack == Ack(boot: 1, sequence: .max))
        #expect(history.session.welcome == Welcome(boot: 1, lastStored: .max - 1), "more is malformed")
        guard case .duplicate = history.event(last) else { return #expect(Bool(false)) }
        try await history.greet(ScriptedDevice.hello(oldest: .max, tick: tick))
        #expect(history.session.ack == Ack(boot: 1, sequence: .max))
    }

    @Test func aGreetingAloneKeepsNothingFromTheTrueDevice() async throws {
        let history = try RecordedHistory()
        try await history.greet(ScriptedDevice.hello())
        var (device, other) = (ScriptedDevice(), ScriptedDevice())
        #expect(try await history.receive(device.keyframe()))
        let far: UInt32 = .max - 1
        try await history.greet(ScriptedDevice.hello(oldest: far))
        #expect(history.session.welcome == Welcome(boot: 1, lastStored: 1))
        other.skip(to: far)
        guard case .rejected(.implausibleJump) = history.event(other.keyframe()) else { return #expect(Bool(false)) }
        #expect(history.session.ack == Ack(boot: 1, sequence: 1))
        // On the same connection, and on the next.
        #expect(try await history.receive(device.keyframe()))
        try await history.greet(ScriptedDevice.hello(oldest: 3))
        #expect(try await history.receive(device.keyframe()))
        #expect(try await history.gaps() == [])
    }
}
