// SPDX-License-Identifier: Apache-2.0
//
// Boards whose UART has a register of one byte that takes as long for each as 115200 baud do (paced.h of each board).

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized)
struct FirmwareLineTests {
    @Test func aRingLosesNothingOnALineOf115200Baud() async throws {
        try await FirmwareImage.buildAll()
        var stations: [(board: EmulatedBoard, line: SerialRelay)] = []
        for (number, image) in FirmwareImage.paced.enumerated() {
            let board = try await EmulatedBoard(image)
            stations.append((board, try SerialRelay(to: board.line, seed: UInt64(number))))
        }
        // Some kilobytes, which come at once when the collector is there.
        try await wait(for: "frames to gather", pause: .milliseconds(250)) {
            var hasAll = true
            for (board, _) in stations {
                let heaps = try await board.ask().heaps
                hasAll = hasAll && heaps.contains { $0.record.sequence > 20 }
            }
            return hasAll
        }
        let collector = try await RunningCollector(Scratch(), serial: stations.map(\.line.path))
        for (board, line) in stations {
            let device = board.image.name
            for moment in 1...3 { try await expectTruth(board, collector, "moment \(moment)") }
            try await wait(for: "ten more frames of \(device)") {
                try await collector.summary(of: device)?.heaps.allSatisfy { $0.sequence > 40 } ?? false
            }
            let boot = try #require(try HistoryAudit(collector).boots(of: device).last)
            #expect(boot.gaps.isEmpty, "\(device): \(boot.gaps)")
            #expect(boot.frames.first?.sequence == 1)
            #expect(try await board.ask().lost == 0, "\(device)")
            // 1152 at this speed, and what a busy machine shows late. Without the pace, all that had gathered.
            #expect(line.most > 100 && line.most < 2000, "\(device): \(line.most) bytes in 100 ms")
        }
        #expect(try await collector.stop() == 0)
        for (board, _) in stations { try await board.end() }
    }

    /// The same firmwares on the same UARTs.
    @Test func aRegisterThatOnlyPollsFillLosesOperations() async throws {
        try await FirmwareImage.buildAll()
        var boards: [EmulatedBoard] = []
        for image in FirmwareImage.polled { boards.append(try await EmulatedBoard(image)) }
        let collector = try await RunningCollector(Scratch(), serial: boards.map(\.line))
        for board in boards {
            try await wait(for: "\(board.image.name) to lose operations", pause: .milliseconds(500)) {
                try await board.ask().lost > 0
            }
        }
        #expect(try await collector.stop() == 0)
        for board in boards { try await board.end() }
    }
}
