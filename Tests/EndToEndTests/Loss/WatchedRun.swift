// SPDX-License-Identifier: Apache-2.0
//
// A device in the test on a bad line: it works at its own pace, anything may happen to it, its line and its collector; then the line
// is good again, and what the collector says is held against what the heap was.

import Foundation
import HeapHistory
import TestSupport
import Testing

struct WatchedRun {
    let collector: RunningCollector
    let line: ImpairedLine
    let device: WatchedDevice

    /// - Parameter rate: faults per byte.
    init(isOneWay: Bool, transmit: Int, rate: Double, seed: UInt64) async throws {
        collector = try await RunningCollector(Scratch())
        line = try ImpairedLine(to: collector.port, seed: seed, rate: rate)
        device = try WatchedDevice(
            "lossy", port: line.port, boot: 7, isOneWay: isOneWay, transmit: transmit, seed: seed)
    }

    /// So many frames' worth, at the pace of a device.
    func work(_ frames: Int) async throws {
        let last = device.lastFrame + frames
        try await wait(for: "\(frames) frames", seconds: 120, pause: .milliseconds(1)) {
            device.work()
            return device.lastFrame >= last
        }
    }

    private func workUntilStored(_ frame: Int) async throws {
        while try await collector.summary(of: device.id)?.heaps.first?.sequence ?? 0 < frame {
            try await work(5)
        }
    }

    /// Makes the line good again, waits for one keyframe, and holds everything that the collector says against the truth.
    func end() async throws -> LossFigures {
        // Nothing comes through, so that there is something to recover from. (Nor is a frame cut while the buffer is full.)
        line.rate = 0.1
        for _ in 0..<300 { device.work() }
        line.rate = 0
        let start = Date.now
        let bad = device.lastFrame
        try await workUntilStored(bad + 1)
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
        try await audit.expectUnknown(device.id, boot, withTimes: true)
        if let gap = boot.gaps.first(where: { $0.end ?? 0 > $0.start + 1 }) {
            let answer = try await collector.ask(["snapshot", device.id, "--at", "#\(gap.start + 1)"])
            #expect(answer.status == 65, "\(answer.output)")
        }
        #expect(try await collector.stop() == 0)

        var figures = audit.figures
        figures.operations = device.operations
        figures.add(line.tally)
        let exact = try #require(boot.frames.first { $0.sequence > bad && $0.isExact })
        figures.recovery = max(0, Double(exact.time.microseconds) / 1_000_000 - start.timeIntervalSince1970)
        return figures
    }
}
