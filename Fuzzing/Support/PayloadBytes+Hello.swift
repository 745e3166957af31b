// SPDX-License-Identifier: Apache-2.0
//
// HELLO of a device with these heaps.

import HeapWire

extension PayloadBytes {
    static func hello(
        device: String, boot: UInt32, tick: UInt64, oldest: UInt32, layouts: [HeapLayout], isOneWay: Bool = false
    ) -> [UInt8] {
        var hello = OwnedHello(
            device: device, build: "1", boot: boot, tick: tick, oldest: oldest,
            heaps: layouts.enumerated().map {
                OwnedHello.Heap(number: UInt32($0.offset), name: "heap", layout: $0.element)
            })
        hello.isOneWay = isOneWay
        return FrameWriter.payload { hello.write(to: &$0) }
    }
}
