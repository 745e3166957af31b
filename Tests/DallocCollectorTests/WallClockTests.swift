// SPDX-License-Identifier: Apache-2.0
//
// A collector's clock that is set while it runs, between two runs, and by a machine that starts with another one.

import Foundation
import GRDB
import HeapHistory
import Logging
import Synchronization
import Testing

@testable import DallocCollector

@Suite(.serialized) struct WallClockTests {
    @Test func aClockThatWasAheadForAMomentMovesWhatItDated() async throws {
        let site = try WallClockSite()
        site.machine.set(error: 10 * 86_400)
        try await site.reset()
        for _ in 0..<30 {
            site.machine.pass(seconds: 1)
            try await site.report()
        }
        site.machine.set(error: 0)
        for _ in 0..<10 {
            site.machine.pass(seconds: 1)
            try await site.store.lookAtClock()
            try await site.report()
        }
        for truth in site.truths where !truth.blocks.isEmpty {
            #expect(try await site.snapshot(.time(truth.time)).blocks == truth.blocks)
        }
        #expect(try await site.snapshot(.latest).knownUntil <= site.machine.shown, "nothing lies in the future")
    }

    @Test func aClockThatHasProvenItselfIsBelievedAgainstAMistake() async throws {
        let site = try WallClockSite()
        try await site.reset()
        for _ in 0..<20 {
            site.machine.pass(seconds: 60)
            try await site.store.lookAtClock()
            try await site.report()
        }
        let before = site.truths
        site.machine.set(error: 86_400)
        for _ in 0..<20 {
            site.machine.pass(seconds: 1)
            try await site.store.lookAtClock()
            try await site.report()
        }
        // A device that begins while the clock is wrong.
        try await site.reset()
        site.machine.pass(seconds: 1)
        try await site.report()
        site.machine.set(error: 0)
        try await site.store.lookAtClock()
        site.machine.pass(seconds: 1)
        try await site.report()
        for truth in before { #expect(try await site.snapshot(.time(truth.time)).blocks == truth.blocks) }
        let last = try #require(site.truths.last)
        #expect(try await site.snapshot(.latest).blocks == last.blocks)
        #expect(try await site.snapshot(.latest).knownUntil <= site.machine.shown)
    }

    /// Reports each second, for so long.
    private func run(_ site: WallClockSite, seconds: Int) async throws {
        for _ in 0..<seconds {
            site.machine.pass(seconds: 1)
            try await site.store.lookAtClock()
            try await site.report()
        }
    }

    @Test func aMomentThatAClockGaveOutTwiceIsRefused() async throws {
        let site = try WallClockSite()
        try await site.reset()
        try await run(site, seconds: 700)
        site.machine.set(error: -300)
        try await run(site, seconds: 20)
        // By its number a frame is known as before.
        #expect(try await site.snapshot(.sequence(10)).blocks == site.truths[8].blocks)
        let doubt = Timestamp(microseconds: site.truths[500].time.microseconds)
        // Of both: of the one that is answered otherwise, and of the one that nothing has come for by the new clock.
        for index in [410, 500] {
            let doubt = site.truths[index].time
            await #expect(throws: Problem.self) { try await site.snapshot(.time(doubt)) }
        }
        let gaps = try await HistoryQuery(store: site.store).gaps(
            device: "pump", heap: nil, since: doubt, until: site.machine.truth)
        #expect(gaps.gaps.contains { $0.cause == .clockStep && $0.start.map { $0 <= doubt } == true })
        // What was before the time that came twice is as it was.
        #expect(try await site.snapshot(.time(site.truths[300].time)).blocks == site.truths[300].blocks)
        // It was a mistake: all has its place again.
        site.machine.set(error: 0)
        try await run(site, seconds: 20)
        for truth in site.truths.dropFirst() {
            #expect(try await site.snapshot(.time(truth.time)).blocks == truth.blocks)
        }
    }

    @Test func aBootThatIsOpenIsNotMovedByAClockThatMayBeWrong() async throws {
        let site = try WallClockSite()
        try await site.reset()
        try await run(site, seconds: 700)
        // The machine starts anew with a clock that is ten days ahead, for longer than it takes to find out how a device's clock runs.
        try site.restart(machineToo: true)
        site.machine.set(error: 10 * 86_400)
        try await site.connect()
        try await run(site, seconds: 300)
        site.machine.set(error: 0)
        try await run(site, seconds: 90)
        for truth in site.truths.dropFirst() {
            #expect(try await site.snapshot(.time(truth.time)).blocks == truth.blocks)
        }
    }

    @Test func aBootThatAWrongClockHasDatedForDaysBeginsAnew() async throws {
        let site = try WallClockSite()
        try await site.reset()
        site.machine.set(error: 10 * 86_400)
        try site.restart(machineToo: true)
        try await site.connect()
        // Long enough to be believed.
        try await run(site, seconds: 800)
        // The machine was off while its clock was set right, and for longer than that was ahead.
        try site.store.close()
        site.machine.pass(seconds: 20 * 86_400)
        site.machine.set(error: 0)
        try site.restart(machineToo: true)
        try await site.connect()
        try await run(site, seconds: 1000)
        let latest = try await site.snapshot(.latest)
        #expect(latest.knownUntil <= site.machine.shown)
        #expect(latest.blocks == site.truths.last?.blocks)
    }

    @Test func whatAnEarlierStartOfTheMachineHasDatedWronglyIsInDoubt() async throws {
        let site = try WallClockSite()
        site.machine.set(error: -86_400)
        try await site.reset()
        try await run(site, seconds: 60)
        let first = site.truths
        try site.restart(machineToo: true)
        try await site.reset()
        try await run(site, seconds: 60)
        site.machine.set(error: 0)
        try await run(site, seconds: 20)
        // What came since the machine started has its true time; what came before was dated a day too early, perhaps.
        for truth in site.truths[(first.count + 1)...] {
            #expect(try await site.snapshot(.time(truth.time)).blocks == truth.blocks)
        }
        for truth in first.dropFirst() {
            let dated = Timestamp(microseconds: truth.time.microseconds - 86_400_000_000)
            await #expect(throws: Problem.self) { try await site.snapshot(.time(dated)) }
        }
    }

    @Test func aMachineThatStartsBehindItsLastRunBeginsBootsAnew() async throws {
        let site = try WallClockSite()
        site.machine.set(error: 10 * 86_400)
        try await site.reset()
        try await run(site, seconds: 800)
        site.machine.set(error: 0)
        try site.restart(machineToo: true)
        try await site.connect()
        try await run(site, seconds: 10)
        #expect(try await site.snapshot(.latest).knownUntil <= site.machine.shown)
    }

    @Test func retentionNeverGoesByAClockThatJumped() async throws {
        let site = try WallClockSite()
        let policy = RetentionPolicy(detail: 86_400_000_000, minutes: 86_400_000_000, hours: 86_400_000_000)
        try await site.reset()
        for _ in 0..<20 {
            site.machine.pass(seconds: 60)
            try await site.store.lookAtClock()
            try await site.report()
        }
        try await ChunkWriter(store: site.store).gather()
        func sweep() async throws {
            try await site.store.lookAtClock()
            try await Retention(store: site.store, policy: policy).sweep(at: site.store.clock.trusted) {}
        }
        // Years ahead: while it runs, and when the next one starts so.
        site.machine.set(error: 2 * 365 * 86_400)
        try await sweep()
        try site.restart()
        site.machine.pass(seconds: 3600)
        try await sweep()
        try site.restart(machineToo: true)
        try await sweep()
        #expect(site.store.clock.lead > 86_400_000_000)
        site.machine.set(error: 0)
        site.machine.pass(seconds: 25)
        try await sweep()
        let count = try await site.store.pool.read { try Int.fetchOne($0, sql: "SELECT sum(frames) FROM chunks") }
        let acknowledged = 2 + site.truths.count - 1
        #expect(count == acknowledged, "nothing was removed")
        // Once it is old by time that has passed, it goes.
        site.machine.pass(seconds: 3 * 86_400)
        try await sweep()
        #expect(try await site.store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM chunks") } == 0)
    }

    /// Steps, resets, sleeps and restarts at random against the truth. In every second history a wrong clock is set right before it can be
    /// taken for a right one; then each answer must be exactly what the device had.
    @Test func timeTorture() async throws {
        let seeds = ProcessInfo.processInfo.environment["DALLOC_TORTURE_SEEDS"].flatMap { UInt64($0) } ?? 60
        var figures = Figures()
        for seed in 1...seeds { try await torture(seed, &figures) }
        print(
            "time torture: \(seeds) seeds, \(figures.asked) asked, \(figures.exact) exact,",
            "\(figures.refused) refused, \(figures.askedLong) asked at length, \(figures.exactLong) exact at length,",
            "\(figures.refusedLong) refused at length")
        #expect(figures.asked == figures.exact + figures.refused)
        #expect(figures.refused * 20 < figures.asked)
    }

    private struct Figures {
        /// Moments of histories whose clock was wrong for moments only, and of the others.
        var (asked, exact, refused) = (0, 0, 0)
        var (askedLong, exactLong, refusedLong) = (0, 0, 0)
    }

    private func torture(_ seed: UInt64, _ figures: inout Figures) async throws {
        let policy = RetentionPolicy(
            detail: 30 * 86_400_000_000, minutes: 180 * 86_400_000_000, hours: 1826 * 86_400_000_000)
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let isBrief = seed % 2 == 0
        let site = try WallClockSite()
        var wrongSince: Timestamp?
        func setRight() {
            site.machine.set(error: 0)
            wrongSince = nil
        }
        try await site.reset()
        for _ in 0..<60 {
            switch random(10) {
            case 0:
                let sizes: [Double] = [2, 90, 3600, 86_400, 30 * 86_400, 3 * 365 * 86_400]
                site.machine.set(error: sizes[random(sizes.count)] * (random(2) == 0 ? 1 : -1))
                wrongSince = wrongSince ?? site.machine.truth
            case 1: setRight()
            case 2: try await site.reset(reusesID: random(4) == 0)
            case 3 where !isBrief || wrongSince == nil: site.machine.pass(seconds: Double(random(4000)))
            case 4: try await ChunkWriter(store: site.store).gather()
            case 5: try await Retention(store: site.store, policy: policy).sweep(at: site.store.clock.trusted) {}
            case 6 where random(3) == 0 && (!isBrief || wrongSince == nil):
                try site.restart(machineToo: random(2) == 0)
                try await site.connect()
            default: break
            }
            if isBrief, let since = wrongSince, site.machine.truth.microseconds - since.microseconds > 100_000_000 {
                setRight()
            }
            site.machine.pass(seconds: 1 + Double(random(5)))
            try await site.store.lookAtClock()
            try await site.report()
        }
        setRight()
        site.machine.pass(seconds: 1)
        try await site.store.lookAtClock()
        try await site.report()
        try await audit(site, seed, isBrief: isBrief, &figures)
    }

    private func audit(_ site: WallClockSite, _ seed: UInt64, isBrief: Bool, _ figures: inout Figures) async throws {
        // Nothing is lost that policy would keep, and the order is right.
        let stored = try await site.store.pool.read { try StoredFrames($0) }
        let frames = stored.heaps.values.flatMap(\.self)
        #expect(frames.count >= site.truths.count, "seed \(seed)")
        for frames in stored.heaps.values {
            #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.time <= $1.time && $0.sequence < $1.sequence })
        }
        let last = try #require(site.truths.last)
        let latest = try await site.snapshot(.latest)
        #expect(latest.blocks == last.blocks && latest.boot == last.boot, "seed \(seed): the last is the last")
        // After the end nothing is known.
        for later: Int64 in [1, 3_600_000_000, 400 * 86_400_000_000] {
            let moment = Timestamp(microseconds: latest.knownUntil.microseconds + later)
            await #expect(throws: Problem.self, "seed \(seed)") { try await site.snapshot(.time(moment)) }
        }
        for truth in site.truths where !truth.blocks.isEmpty {
            let answer = try? await site.snapshot(.time(truth.time))
            let isExact = answer?.blocks == truth.blocks
            if isBrief {
                figures.asked += 1
                figures.exact += isExact ? 1 : 0
                figures.refused += answer == nil ? 1 : 0
            } else {
                figures.askedLong += 1
                figures.exactLong += isExact ? 1 : 0
                figures.refusedLong += answer == nil ? 1 : 0
            }
            guard let answer else { continue }
            #expect(isExact || !isBrief, "seed \(seed): wrong at \(truth.time)")
            // A clock that was wrong for long has dated things for good.
            let known = site.truths.contains { $0.boot == answer.boot && $0.blocks == answer.blocks }
            #expect(known, "seed \(seed): a table that there never was")
        }
    }
}
