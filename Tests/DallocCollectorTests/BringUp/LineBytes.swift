// SPDX-License-Identifier: Apache-2.0
//
// Frames as they are on a line.

import HeapWire

@testable import DallocCollector

enum LineBytes {
    static func hello(
        boot: UInt32 = 7, tick: UInt64 = 1000, oldest: UInt32 = 1, isOneWay: Bool = false, device: String = "pump",
        heaps: [String] = ["main"], version: UInt32 = WireLimits.version
    ) -> [UInt8] {
        var hello = OwnedHello(
            device: device, build: "1.0", boot: boot, tick: tick, oldest: oldest,
            heaps: heaps.enumerated().map {
                OwnedHello.Heap(number: UInt32($0.offset), name: $0.element, layout: ScriptedDevice.layout)
            })
        hello.isOneWay = isOneWay
        return [0] + FrameWriter.line { hello.write(to: &$0, version: version) }
    }

    static func frame(_ payload: [UInt8]) -> [UInt8] {
        FrameWriter.line { writer in for byte in payload { writer.byte(byte) } }
    }
}
