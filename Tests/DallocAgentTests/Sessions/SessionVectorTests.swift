// SPDX-License-Identifier: Apache-2.0
//
// The agent says what session vectors say that a device says, byte by byte, and nothing else.

import Foundation
import Testing

@Suite(.serialized) struct SessionVectorTests {
    @Test func thereAreSessions() { #expect(SessionVector.all.count >= 25) }

    @Test(arguments: SessionVector.all)
    func theAgentSaysWhatADeviceSays(session: SessionVector) throws {
        guard let device = ScriptedDevice(session.device) else {
            print("skipped: the addresses of the vectors are taken in this process")
            return
        }
        var (rest, ended) = (session.steps[...], 0)
        func expectDevice(_ after: String) {
            var said = ""
            while let step = rest.first, let line = step.device {
                said += (said.isEmpty ? "" : " ") + line
                rest.removeFirst()
            }
            #expect(Self.hex(device.poll()) == said, "after \(after)")
            // A connection that it ended is the next step.
            while rest.first?.line == "ended by the device" {
                ended += 1
                rest.removeFirst()
            }
            #expect(device.resets == ended, "after \(after)")
        }
        expectDevice("the start")
        while let step = rest.popFirst() {
            if let tick = step.tick { device.now = tick }
            step.heap?.forEach { device.perform($0) }
            if let line = step.line { device.isUp = line == "up" }
            if let bytes = step.collector, step.lost != true { device.hear(Self.bytes(bytes)) }
            expectDevice("\(step)")
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String(format: "%02x", $0) }.joined(separator: " ")
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        hex.split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }
}
