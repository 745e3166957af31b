// SPDX-License-Identifier: Apache-2.0
//
// The firmwares of Agent/firmware, built as anybody would.

import Foundation
import TestSupport
import Testing

struct FirmwareImage: Sendable, CustomTestStringConvertible {
    enum Board: String, CaseIterable {
        case cortexM4 = "mps2-an386"
        case cortexM0 = "microbit"
        case riscv32 = "virt"
    }

    let firmware: String
    let board: Board
    /// Its file, where it is not one for everybody.
    var variant: String?

    /// Also the id of the device that it is.
    var name: String { "\(firmware)-\(board.rawValue)" }
    var testDescription: String { name }
    var path: String { Self.folder + "/\(board.rawValue)/\(variant ?? firmware).elf" }

    static let sensorNodes = Board.allCases.map { FirmwareImage(firmware: "c-sensor-node", board: $0) }
    static let gateways = [Board.cortexM4, .riscv32].map { FirmwareImage(firmware: "cpp-gateway", board: $0) }
    static let swiftNodes = Board.allCases.map { FirmwareImage(firmware: "swift-node", board: $0) }
    /// With a UART that takes as long for a byte as 115200 baud do.
    static let paced = sensorNodes.map {
        FirmwareImage(firmware: $0.firmware, board: $0.board, variant: "paced/c-sensor-node")
    }
    /// With the same UART, into which only polls put bytes.
    static let polled = sensorNodes.map {
        FirmwareImage(firmware: $0.firmware, board: $0.board, variant: "paced/c-sensor-node-polled")
    }
    static let all = sensorNodes + gateways + swiftNodes

    /// Builds what is not built yet, or no longer what the sources say.
    static func buildAll() async throws {
        let script = Program.repository.appendingPathComponent("scripts/build-firmware.sh").path
        let build = try await Program.run("/usr/bin/env", ["bash", script], in: Scratch())
        try #require(build.status == 0, "\(build.errors)")
    }

    private static let folder = Program.repository.appendingPathComponent(".build/firmware").path
}
