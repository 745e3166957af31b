// SPDX-License-Identifier: Apache-2.0
//
// Real firmwares on emulated boards: what a collector hears of them over their UARTs is what they hold in their heaps.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized)
struct FirmwareTests {
    @Test func whatTheCollectorRecordsIsWhatEachFirmwareHolds() async throws {
        try await FirmwareImage.buildAll()
        let boards = try await boot(FirmwareImage.all)
        let collector = try await RunningCollector(Scratch(), serial: boards.map(\.line))
        var most: [String: Int] = [:]
        for moment in 1...10 {
            for board in boards {
                let truths = try await expectTruth(board, collector, "moment \(moment)")
                let blocks = truths.map(\.record.table.count).reduce(0, +)
                most[board.image.name] = max(most[board.image.name] ?? 0, blocks)
            }
        }
        for (device, blocks) in most { #expect(blocks > 8, "\(device) must have something to tell") }
        #expect(try await collector.stop() == 0)
        for board in boards { try await board.end() }
    }

    /// Boards and a collector are switched on together, and the collector takes longer.
    @Test func aCollectorThatComesFiveSecondsAfterTheBootHasMissedNothing() async throws {
        try await FirmwareImage.buildAll()
        // Boards go on in real time: where the machine stands still for seconds, the collector came later than that.
        for attempt in 1...3 where try await isLateCollectorJudged(whateverItTook: attempt == 3) { return }
    }

    /// False when the collector took so long that it was later than five seconds.
    private func isLateCollectorJudged(whateverItTook: Bool) async throws -> Bool {
        var running: [(board: EmulatedBoard, since: Date)] = []
        var boards: [EmulatedBoard] = []
        func stopThoseOfFiveSeconds() async throws {
            for (board, since) in running where since.timeIntervalSinceNow < -5 {
                try await board.perform("stop")
                running.removeAll { $0.board === board }
            }
        }
        for image in FirmwareImage.all {
            let since = Date.now
            boards.append(try await EmulatedBoard(image))
            running.append((boards[boards.count - 1], since))
            try await stopThoseOfFiveSeconds()
        }
        try await wait(for: "five seconds", pause: .milliseconds(20)) {
            try await stopThoseOfFiveSeconds()
            return running.isEmpty
        }
        let collector = try await RunningCollector(Scratch(), serial: boards.map(\.line))
        let since = Date.now
        for board in boards { try await board.perform("cont") }
        for board in boards {
            try await wait(for: "\(board.image.name) to be heard", pause: .milliseconds(20)) {
                try await collector.summary(of: board.image.name)?.heaps.allSatisfy { $0.sequence > 0 } ?? false
            }
        }
        let isFair = whateverItTook || since.timeIntervalSinceNow > -4
        for board in boards where isFair {
            try await wait(for: "\(board.image.name)") {
                try await collector.summary(of: board.image.name)?.heaps.allSatisfy { $0.sequence > 16 } ?? false
            }
            let boot = try #require(try HistoryAudit(collector).boots(of: board.image.name).last)
            #expect(boot.gaps.isEmpty, "\(board.image.name): \(boot.gaps)")
            #expect(boot.frames.first?.sequence == 1)
            let answer = try await board.ask()
            #expect(answer.lost == 0, "\(board.image.name)")
        }
        #expect(try await collector.stop() == 0)
        for board in boards { try await board.end() }
        return isFair
    }

    private func boot(_ images: [FirmwareImage]) async throws -> [EmulatedBoard] {
        var boards: [EmulatedBoard] = []
        for image in images { boards.append(try await EmulatedBoard(image)) }
        return boards
    }
}

/// Asks the firmware, and then the collector about the very frame. Returns what the firmware said.
@discardableResult
func expectTruth(
    _ board: EmulatedBoard, _ collector: RunningCollector, _ moment: String
) async throws -> [FirmwareTruth] {
    let device = board.image.name
    let truths = try await board.truth()
    let last = truths.map(\.record.sequence).max() ?? 0
    try await wait(for: "\(device) #\(last), \(moment)", pause: .milliseconds(20)) {
        let summary = try await collector.summary(of: device)
        return summary?.boot == truths[0].boot && summary?.heaps.map(\.sequence).max() ?? 0 >= last
    }
    for truth in truths {
        let number = truth.record.sequence
        let snapshot = try await collector.snapshot(device, at: "#\(number)", heap: truth.name)
        #expect(snapshot.boot == truth.boot)
        #expect(snapshot.sequence == number)
        #expect(truth.record.device == device)
        #expect(!truth.record.table.isEmpty, "\(device), \(moment): an empty heap proves nothing")
        truth.record.expectEqual(snapshot)
    }
    return truths
}

extension RunningCollector {
    /// Of one of several heaps.
    fileprivate func snapshot(_ device: String, at moment: String, heap: String) async throws -> Snapshot {
        let answer = try await ask(["snapshot", device, "--at", moment, "--heap", heap])
        guard answer.status == 0 else { throw TimedOut(description: "snapshot \(device) \(moment): \(answer.errors)") }
        return try HistoryCoding.decoder().decode(Snapshot.self, from: Data(answer.output.utf8))
    }
}
