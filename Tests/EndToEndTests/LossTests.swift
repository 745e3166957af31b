// Bytes get lost, doubled, mixed up and turned over on the way; lines break, collectors are killed, devices reset. What the collector
// says afterwards is what the heaps were, or that it does not know.

import Foundation
import HeapHistory
import Testing

/// They run only with DALLOC_LOSS_TEST in the environment: a one-way line still shows moments in gaps as if they were known.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["DALLOC_LOSS_TEST"] != nil))
struct LossTests {
    @Test(arguments: [1e-4, 1e-3, 1e-2])
    func aBadLineDelaysHistoryAndLosesNothing(rate: Double) async throws {
        let result = try await LossResult(
            LossRun.Plan(rate: rate, operations: 22_000, seed: 1), comparedPerDevice: 150)
        #expect(result.tables > 300)
        #expect(result.wrong == 0)
        #expect(result.tally.rejected.values.reduce(0, +) > 0, "the line must be bad")
        print(result.row)
    }

    @Test func aBadLineThatOnlySendsLosesWhatItSaysThatItLoses() async throws {
        // At 3e-4 a frame in twenty is lost, and the table behind it unknown until the next whole keyframe, some fifteen frames
        // later: about half of all frames are known then, in dozens of stretches. At 3e-3 it would be one frame in fifty.
        let world = try await World(isOneWay: true, transmit: 16_384, rate: 3e-4)
        try await world.work(400)
        try await world.collector.kill()
        try await world.collector.restart()
        try await world.work(400)
        world.line.cut()
        try await world.work(400)
        #expect(try await world.expectHonest() > 10)
    }

    @Test func buffersThatAreTooSmallAndAnAgentThatStartsAgainLeaveDeclaredGaps() async throws {
        let world = try await World(isOneWay: false, transmit: 1024, rate: 1e-3)
        try await world.work(300)
        try await world.device.restartAgent()
        try await world.work(300)
        try await world.collector.kill()
        // Nobody acknowledges anything now: the buffers are full soon, and no frame can be cut.
        for _ in 0..<500 { world.device.work() }
        #expect(world.device.lost > 0)
        try await world.collector.restart()
        try await world.work(300)
        #expect(try await world.expectHonest() > 1)
    }

    /// A collector, a bad line and a device in the test.
    private struct World {
        let collector: RunningCollector
        let line: ImpairedLine
        let device: WatchedDevice

        init(isOneWay: Bool, transmit: Int, rate: Double) async throws {
            collector = try await RunningCollector(Scratch())
            line = try ImpairedLine(to: collector.port, seed: 4, rate: rate)
            device = try WatchedDevice(
                "lossy", port: line.port, boot: 7, isOneWay: isOneWay, transmit: transmit, seed: 4)
        }

        /// So many frames' worth, at the pace of a device.
        func work(_ frames: Int) async throws {
            let last = device.lastFrame + frames
            try await wait(for: "\(frames) frames", pause: .milliseconds(1)) {
                device.work()
                return device.lastFrame >= last
            }
        }

        private func workUntilStored(_ frame: Int) async throws {
            while try await collector.summary(of: device.id)?.heaps.first?.sequence ?? 0 < frame {
                try await work(5)
            }
        }

        /// Makes the line good again, and holds everything that the collector says against the truth. Returns how many gaps there are.
        func expectHonest() async throws -> Int {
            line.rate = 0
            try await workUntilStored(device.lastFrame + 1)
            let good = device.lastFrame
            try await wait(for: "the next keyframe", pause: .milliseconds(1)) {
                device.work()
                return device.keyframes.last ?? 0 > good
            }
            try await workUntilStored(device.lastFrame + 1)
            line.end()

            var audit = try HistoryAudit(collector)
            let boots = try audit.boots(of: device.id)
            #expect(boots.count == 1)
            let boot = try #require(boots.last)
            let keyframe = try #require(device.keyframes.first { $0 > good })
            #expect(boot.frames.allSatisfy { $0.sequence < keyframe || $0.isExact }, "exact again at #\(keyframe)")
            audit.expectComplete(device.id, boot, acknowledged: Int(line.tally.acknowledged[device.boot] ?? 0))
            try await audit.compare(device.id, boot, isCurrent: true, every: 3) { device.truth[$0] }
            #expect(audit.compared > 100)
            #expect(audit.wrong == 0)
            try await audit.expectUnknown(device.id, boot, withTimes: true)
            print(line.tally, boot.gaps.count, audit.compared, audit.unknown, device.operations)
            if let gap = boot.gaps.first(where: { $0.end ?? 0 > $0.start + 1 }) {
                let answer = try await collector.ask(["snapshot", device.id, "--at", "#\(gap.start + 1)"])
                #expect(answer.status == 65, "\(answer.output)")
            }
            #expect(try await collector.stop() == 0)
            return audit.gaps
        }
    }
}
