// SPDX-License-Identifier: Apache-2.0
//
// What happens to serial lines and boards in the field: afterwards the collector knows what the heaps were, or says that it doesn't.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized)
struct FirmwareTroubleTests {
    @Test func troublesOfALineAndABoardBecomeGapsOrBoots() async throws {
        try await FirmwareImage.buildAll()
        let world = try await World(FirmwareImage.sensorNodes)
        try await world.expectTruth("at first")
        try await world.cutLines()
        try await world.floodWithNoise()
        try await world.resetBoards()
        try await world.stopBoards()
        try await world.audit()
        try await world.end()
    }
}

/// Boards on lines with switches in them, and all that their firmwares ever said.
private final class World {
    private struct Instant: Hashable {
        var device: String
        var boot: UInt32
        var sequence: Int
    }

    private var stations: [(board: EmulatedBoard, line: SerialRelay)] = []
    private let collector: RunningCollector
    private var truths: [Instant: TruthRecord] = [:]

    init(_ images: [FirmwareImage]) async throws {
        for (number, image) in images.enumerated() {
            let board = try await EmulatedBoard(image)
            stations.append((board, try SerialRelay(to: board.line, seed: UInt64(number))))
        }
        collector = try await RunningCollector(Scratch(), serial: stations.map(\.line.path))
    }

    /// Each board is known as it is now.
    func expectTruth(_ moment: String) async throws {
        for (board, _) in stations {
            note(try await EndToEndTests.expectTruth(board, collector, moment), board)
        }
    }

    /// Until every device has lost operations for want of room.
    func cutLines() async throws {
        for (_, line) in stations { line.isCut = true }
        for (board, _) in stations {
            try await wait(for: "\(board.image.name) to lose operations") { try await ask(board).lost > 0 }
        }
        for (_, line) in stations { line.isCut = false }
        try await expectTruth("after the cut")
        for (board, _) in stations {
            let gaps = try HistoryAudit(collector).boots(of: board.image.name).map(\.gaps.count)
            #expect(gaps.reduce(0, +) > 0, "\(board.image.name) has lost operations")
        }
    }

    func floodWithNoise() async throws {
        for (_, line) in stations { line.isNoisy = true }
        for (board, line) in stations {
            try await wait(for: "noise on the line of \(board.image.name)") {
                _ = try await ask(board)
                return line.noise.up > 100_000 && line.noise.down > 10_000
            }
        }
        for (_, line) in stations { line.isNoisy = false }
        try await expectTruth("after the noise")
    }

    func resetBoards() async throws {
        for (board, _) in stations {
            let device = board.image.name
            let before = try #require(try await collector.summary(of: device)?.boot)
            try await board.perform("system_reset")
            try await wait(for: "\(device) to boot anew") { try await collector.summary(of: device)?.boot != before }
        }
        try await expectTruth("after the reset")
    }

    /// Ten seconds: longer than any patience of agent or collector.
    func stopBoards() async throws {
        for (board, _) in stations { try await board.perform("stop") }
        try await Task.sleep(for: .seconds(10))
        for (board, _) in stations { try await board.perform("cont") }
        try await expectTruth("after the stop")
    }

    /// Nothing that is stored is wrong, and nothing is missing without a gap.
    func audit() async throws {
        for (board, line) in stations {
            let device = board.image.name
            // Nothing more comes, so that the collector stands still while it is asked.
            line.end()
            try await wait(for: "the collector to miss \(device)") {
                try await collector.summary(of: device)?.connected == false
            }
            var audit = try HistoryAudit(collector)
            let boots = try audit.boots(of: device)
            #expect(boots.count == 2, "\(device): one boot before the reset, and one after")
            for (index, boot) in boots.enumerated() {
                audit.expectComplete(device, boot, acknowledged: 0)
                try await audit.compare(device, boot, isCurrent: index == boots.count - 1, every: 1) {
                    truths[Instant(device: device, boot: boot.number, sequence: $0)]
                }
                try await audit.expectUnknown(device, boot, withTimes: true)
            }
            #expect(audit.figures.tables >= 5, "\(device)")
            #expect(audit.figures.violations == 0, "\(device)")
            #expect(audit.figures.gaps > 0, "\(device)")
        }
    }

    func end() async throws {
        for (board, _) in stations { try await board.end() }
        #expect(try await collector.stop() == 0)
    }

    private func ask(_ board: EmulatedBoard) async throws -> EmulatedBoard.Answer {
        let answer = try await board.ask()
        note(answer.heaps, board)
        return answer
    }

    private func note(_ heaps: [FirmwareTruth], _ board: EmulatedBoard) {
        for truth in heaps {
            let moment = Instant(device: board.image.name, boot: truth.boot, sequence: truth.record.sequence)
            truths[moment] = truth.record
        }
    }
}
