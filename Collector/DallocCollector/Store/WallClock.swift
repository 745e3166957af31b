// SPDX-License-Identifier: Apache-2.0
//
// Compares the wall clock with the machine's monotonic clock, which can't be set. A wall clock that was set, by a person or by
// NTP, has made a step: the times since the last step are then corrected, unless the clock had proven itself by then.

internal import Foundation
internal import HeapHistory
internal import Synchronization

final class WallClock: Sendable {
    /// Where time comes from.
    struct Source: Sendable {
        /// Microseconds since 1970.
        var wall: @Sendable () -> Int64
        /// Microseconds since the machine started, sleep included.
        var uptime: @Sendable () -> Int64
        /// Which start of the machine that is.
        var machineBoot: String

        private static let start = (uptime: fileUptime, instant: ContinuousClock.now)

        private static var fileUptime: Int64 {
            let words = (try? String(contentsOfFile: "/proc/uptime", encoding: .utf8))?.split(separator: " ")
            return words?.first.flatMap { Double($0) }.map { Int64($0 * 1_000_000) } ?? 0
        }

        static let system = Source(
            wall: { Timestamp.now.microseconds },
            // Swift's continuous clock counts like the file, with a beginning of its own.
            uptime: { start.uptime &+ Int64((ContinuousClock.now - start.instant) / .microseconds(1)) },
            machineBoot: ((try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? "")
                .trimmingCharacters(in: .whitespacesAndNewlines))
    }

    struct Step: Equatable, Sendable {
        /// Microseconds; above 0 when the clock was set forward.
        var distance: Int64
        /// The clock was wrong before, and boots that were anchored by it are to be moved by ``distance``: those after row ``after``.
        var correctsBoots: Bool
        var after: Int64
        /// What boots up to ``after`` have dated after this moment is in doubt.
        var doubtFrom: Timestamp?
        /// It was wrong when an earlier start of the machine dated boots, too; by how much, nobody knows: those after this row, up to
        /// ``after``.
        var suspects: Int64?
    }

    /// A clock that has made no step for this long was right. What a younger clock has anchored is moved when it makes a step.
    static let proof: Int64 = 600_000_000
    /// Retention trusts a clock that has jumped ahead only after this long without a step.
    static let retentionProof: Int64 = 86_400_000_000
    /// The most that the two clocks may differ between two looks; more is a step.
    private static let tolerance: Int64 = 500_000
    /// A clock that is set back by more ends what boots have open: their times can't go back.
    static let longestSlew = BootClock.longestSlew

    private struct State {
        /// Wall time less uptime, when it was last looked at.
        var offset: Int64
        var steadyUptime: Int64
        var steadyBoot: Int64
        var suspectBoot: Int64
        var doubtFrom: Int64?
        var lastBoot: Int64
        /// The time that retention uses, and the uptime when that was set.
        var trusted: Int64
        var trustedUptime: Int64
        var steps = 0
    }

    private let source: Source
    private let state: Mutex<State>
    /// True when the ledger is of another start of the machine, and its clock was ahead of this one: by how much nobody knows.
    let isBehindLedger: Bool

    /// - Parameters:
    ///   - ledger: what the collector before this one has written down.
    ///   - lastBoot: the last row of boots.
    init(_ source: Source, _ ledger: Ledger, lastBoot: Int64) {
        self.source = source
        let (wall, uptime) = (source.wall(), source.uptime())
        let isSameMachineBoot = ledger.machineBoot == source.machineBoot && !source.machineBoot.isEmpty
        let isNew = ledger.machineBoot.isEmpty
        isBehindLedger = !isNew && !isSameMachineBoot && wall < ledger.lastTime.microseconds
        let wasProven = ledger.lastUptime &- ledger.steadyUptime >= Self.proof
        let suspects = wasProven || isNew ? -1 : ledger.suspectBoot >= 0 ? ledger.suspectBoot : ledger.steadyBoot
        // While nobody looked, time passed; how much of it, the same machine knows.
        let passed = isSameMachineBoot ? max(0, uptime &- ledger.lastUptime) : 0
        state = Mutex(
            State(
                offset: isSameMachineBoot ? ledger.lastTime.microseconds &- ledger.lastUptime : wall &- uptime,
                steadyUptime: isSameMachineBoot ? ledger.steadyUptime : uptime,
                steadyBoot: isSameMachineBoot ? ledger.steadyBoot : lastBoot,
                suspectBoot: isSameMachineBoot ? ledger.suspectBoot : suspects,
                doubtFrom: isSameMachineBoot ? ledger.doubtFrom?.microseconds : nil, lastBoot: lastBoot,
                trusted: isNew ? wall : ledger.trustedTime.microseconds &+ passed, trustedUptime: uptime))
    }

    /// Compares the clocks. The step that was made since the last look; nil when there was none.
    func look() -> Step? {
        state.withLock { state in
            let (wall, uptime) = (source.wall(), source.uptime())
            let offset = wall &- uptime
            let distance = offset &- state.offset
            state.offset = offset
            guard distance.magnitude > Self.tolerance else { return nil }
            let isProven = uptime &- state.steadyUptime >= Self.proof
            let suspects = isProven || state.suspectBoot < 0 ? nil : state.suspectBoot
            // What a correction has moved is by this clock now, and moves with its next step.
            if isProven {
                state.steadyBoot = state.lastBoot
                state.doubtFrom = distance.magnitude > Self.longestSlew.magnitude ? wall : nil
            } else {
                state.doubtFrom = state.doubtFrom.map { $0 &+ distance }
            }
            state.suspectBoot = -1
            state.steps += 1
            state.steadyUptime = uptime
            return Step(
                distance: distance, correctsBoots: !isProven, after: state.steadyBoot,
                doubtFrom: state.doubtFrom.map { Timestamp(microseconds: $0) }, suspects: suspects)
        }
    }

    /// A boot was entered, and anchored by this clock.
    func note(boot: Int64) { state.withLock { $0.lastBoot = max($0.lastBoot, boot) } }

    /// No step for so long that the clock was right.
    var isProven: Bool { state.withLock { source.uptime() &- $0.steadyUptime >= Self.proof } }

    /// Steps since the collector started.
    var steps: Int { state.withLock { $0.steps } }

    /// The time that retention may use: never ahead of the clock, and ahead of its last value only by the time that has really passed.
    var trusted: Timestamp {
        state.withLock { state in
            pass(&state)
            return Timestamp(microseconds: min(source.wall(), state.trusted))
        }
    }

    /// The clock as it was at the start, plus the time that has passed: it includes no step.
    var passed: Timestamp {
        state.withLock { state in
            pass(&state)
            return Timestamp(microseconds: state.trusted)
        }
    }

    /// How far the clock is from what retention goes by: it has proven itself, and is believed from now on. Whatever was stored
    /// before is as much later, or earlier, as that. Nil when there is no difference that counts.
    func believe() -> Int64? {
        state.withLock { state in
            pass(&state)
            let wall = source.wall()
            guard state.trustedUptime &- state.steadyUptime >= Self.retentionProof,
                (wall &- state.trusted).magnitude > Self.tolerance
            else { return nil }
            defer { state.trusted = wall }
            return wall &- state.trusted
        }
    }

    private func pass(_ state: inout State) {
        let uptime = source.uptime()
        state.trusted &+= max(0, uptime &- state.trustedUptime)
        state.trustedUptime = uptime
    }

    /// How far the clock is ahead of what retention believes, in microseconds.
    var lead: Int64 { max(0, source.wall() &- trusted.microseconds) }

    /// What to write down.
    func ledger(_ ledger: Ledger) -> Ledger {
        var ledger = ledger
        ledger.trustedTime = passed
        state.withLock { state in
            let uptime = source.uptime()
            // By the clock as it was looked at: a step since then is found by the next process too.
            (ledger.lastTime, ledger.lastUptime) = (Timestamp(microseconds: uptime &+ state.offset), uptime)
            (ledger.steadyUptime, ledger.steadyBoot) = (state.steadyUptime, state.steadyBoot)
            ledger.suspectBoot = state.suspectBoot
            ledger.doubtFrom = state.doubtFrom.map { Timestamp(microseconds: $0) }
        }
        ledger.machineBoot = source.machineBoot
        return ledger
    }
}
