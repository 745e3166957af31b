// SPDX-License-Identifier: Apache-2.0
//
// HELLO, written as schema/wire.md says.

import HeapWire

extension PayloadBytes {
    static func hello(
        device: String, boot: UInt32, tick: UInt64, oldest: UInt32, layouts: [HeapLayout], isOneWay: Bool = false
    ) -> [UInt8] {
        var hello = PayloadBytes()
        hello.byte(FrameType.hello.rawValue)
        hello.varint(WireLimits.version)
        hello.varint(UInt32(isOneWay ? 1 : 0))
        for text in [device, "1"] { hello.text(text) }
        for value in [UInt64(boot), 1000, tick, UInt64(oldest), UInt64(layouts.first?.pointerWidth ?? 4)] {
            hello.varint(value)
        }
        hello.varint(UInt32(layouts.count))
        for (number, layout) in layouts.enumerated() {
            hello.varint(UInt32(number))
            hello.text("heap")
            hello.varint(layout.baseAddress)
            for value in [layout.size, layout.alignment, layout.tableSize, layout.traits.rawValue] {
                hello.varint(value)
            }
        }
        return hello.bytes
    }
}
