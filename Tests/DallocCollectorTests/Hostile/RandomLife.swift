// SPDX-License-Identifier: Apache-2.0
//
// A store with random devices and one that is always right, and a store with the right one alone, through the same days: gathering,
// retention, restarts, clocks that are set, questions. The right one's history is the same in both.

import HeapHistory
import Testing

@testable import DallocCollector

struct RandomLife {
    struct Figures {
        var (lives, sessions, frames, rejected, inexact, runs, questions) = (0, 0, 0, 0, 0, 0, 0)
        var (gatherings, restarts, sweeps, clockSteps) = (0, 0, 0, 0)
    }

    private let seed: UInt64
    private var random: SeededChoices
    private let (lived, alone): (LivedStore, LivedStore)
    private var (right, control) = (Bystander(), Bystander())
    private var devices: [RandomDevice] = []
    private(set) var figures = Figures()

    private static let second: Int64 = 1_000_000

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededChoices(seed: seed)
        (lived, alone) = (try LivedStore(), try LivedStore())
        for number in 0...random.below(3) { devices.append(RandomDevice("random-\(number)", &random)) }
    }

    mutating func live(steps: Int) async throws {
        try await reportRight()
        for _ in 0..<steps {
            let number = random.below(devices.count)
            switch random.below(100) {
            case 0..<70: try await devices[number].step(&random, in: lived)
            case 70..<84: pass()
            case 84..<94: try await reportRight()
            case 94..<96: try await commit()
            case 96:
                try await gather()
                try await lookAround()
            case 97: try await restart()
            case 98 where random.once(in: 3): try await stepClock()
            default: if random.once(in: 3) { try await ask(devices[number].name, isThorough: false) }
            }
        }
        try await end()
    }

    private mutating func pass() {
        let most: [Int64] = [100_000, 10 * Self.second, 10 * Self.second, 600 * Self.second]
        let time = Int64.random(in: 0...most[random.below(most.count)], using: &random)
        lived.clock.pass(time)
        alone.clock.pass(time)
        for index in devices.indices { devices[index].pass(milliseconds: UInt64(time / 1000)) }
    }

    private mutating func reportRight() async throws {
        try await right.report(in: lived)
        try await control.report(in: alone)
        figures.frames += 1
    }

    private mutating func commit() async throws {
        for index in devices.indices { try await devices[index].commit(in: lived) }
    }

    private mutating func gather() async throws {
        try await commit()
        try await lived.gather()
        try await alone.gather()
        figures.gatherings += 1
    }

    private mutating func hangUp() {
        for index in devices.indices { devices[index].drop() }
        right.drop()
        control.drop()
    }

    private mutating func restart() async throws {
        if random.once(in: 2) { try await commit() }
        try lived.restart()
        try alone.restart()
        hangUp()
        figures.restarts += 1
    }

    private mutating func stepClock() async throws {
        let steps: [Int64] = [1, 30, 90, 3600, 86_400, -1, -30, -90, -3600, -86_400]
        let distance = steps[random.below(steps.count)] * Self.second
        try await lived.step(distance)
        try await alone.step(distance)
        // What devices have sent by the clock as it was is refused, and they greet anew.
        if random.once(in: 2) { try await commit() }
        hangUp()
        figures.clockSteps += 1
    }

    private mutating func retain() async throws {
        let hour = 3600 * Self.second
        let policies = [
            RetentionPolicy(detail: hour / 6, minutes: hour, hours: 48 * hour),
            RetentionPolicy(detail: 2 * hour, minutes: 6 * hour, hours: 100 * hour),
        ]
        let policy = policies[random.below(policies.count)]
        for store in [lived, alone] { try await store.retain(policy, at: store.clock.now) }
        figures.sweeps += 1
    }

    /// What is asked of the right device, and every figure of it, has one answer.
    private mutating func lookAround() async throws {
        let expected = try await answers(of: Bystander.name, in: alone, isThorough: true)
        let answers = try await answers(of: Bystander.name, in: lived, isThorough: true)
        for (question, answer) in expected {
            #expect(answers[question] == answer, "seed \(seed): \(question)")
        }
        let (seen, known) = (summary(lived), summary(alone))
        #expect(seen != nil && seen == known, "seed \(seed): devices")
    }

    private func summary(_ lived: LivedStore) -> DeviceSummary? {
        lived.query.devices(connected: []).devices.first { $0.id == Bystander.name }
    }

    private mutating func ask(_ device: String, isThorough: Bool) async throws {
        _ = try await answers(of: device, in: lived, isThorough: isThorough)
        let text = await lived.figures()
        #expect(!text.contains("nan"), "seed \(seed)")
        figures.questions += 2
    }

    private mutating func answers(
        of device: String, in store: LivedStore, isThorough: Bool
    ) async throws -> [String: String] {
        let hour = 3600 * Self.second
        let question = EveryQuestion(query: store.query, end: store.clock.now.later(byMicroseconds: hour))
        let answers = try await question.ask(device, isThorough: isThorough)
        figures.questions += answers.count
        return answers
    }

    private mutating func end() async throws {
        try await gather()
        try await restart()
        for device in devices { try await ask(device.name, isThorough: true) }
        try await lookAround()
        let findings = try lived.checkAndBackUp()
        #expect(findings == [], "seed \(seed)")
        try await holdBounds()
        try await reportRight()
        try await gather()
        try await retain()
        for device in devices { try await ask(device.name, isThorough: false) }
        try await lookAround()
        let left = try lived.checkAndBackUp()
        #expect(left == [], "seed \(seed): after retention")
        #expect(lived.store.quarantine.all == [:], "seed \(seed): nobody needs a person")
        for device in devices {
            figures.sessions += device.greetings
            figures.frames += device.sent - device.greetings
            figures.rejected += device.line.counts.rejected
            figures.inexact += device.line.counts.inexact
            figures.runs += device.line.counts.runs
        }
        figures.lives = 1
    }

    /// Nothing is larger than what came.
    private func holdBounds() async throws {
        let rows = try await lived.rows()
        let came = devices.reduce(figures.frames) { $0 + $1.sent }
        for table in ["chunks", "minutes", "hours", "clocks", "gaps", "boots"] {
            let count = rows[table] ?? 0
            #expect(count <= 2 * came, "seed \(seed): \(table) has \(count) rows of \(came) frames")
        }
        #expect(rows["arrivals"] == 0 && rows["kept_frames"] == 0, "seed \(seed): \(rows)")
    }
}

extension RandomLife.Figures {
    mutating func add(_ other: Self) {
        lives += other.lives
        sessions += other.sessions
        frames += other.frames
        rejected += other.rejected
        inexact += other.inexact
        runs += other.runs
        questions += other.questions
        gatherings += other.gatherings
        restarts += other.restarts
        sweeps += other.sweeps
        clockSteps += other.clockSteps
    }
}
