// SPDX-License-Identifier: Apache-2.0
//
// The doctor on the UART of a board that runs a real firmware, in QEMU.

import Foundation
import TestSupport
import Testing

struct FirmwareDoctorTests {
    @Test func aBoardIsWell() async throws {
        try await FirmwareImage.buildAll()
        let board = try await EmulatedBoard(FirmwareImage.sensorNodes[0])
        let end = try await Program.run("dalloc-collector", ["doctor", "--serial", board.line], in: Scratch())
        #expect(end.status == 0, "\(end.output) \(end.errors)")
        for words in ["c-sensor-node-mps2-an386", "pointers of 4 bytes", "table proven", "✔ All is well"] {
            #expect(end.output.contains(words), "\(words): \(end.output)")
        }
        try await board.end()
    }
}
