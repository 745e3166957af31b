// SPDX-License-Identifier: Apache-2.0
//
// HELLO, checked and copied out of the frame.

internal import HeapWire

struct DeviceHello: Equatable, Sendable {
    struct AnnouncedHeap: Equatable, Sendable {
        var number: UInt32
        var name: String
        var layout: HeapLayout
    }

    var isOneWay: Bool
    var device: String
    var build: String
    var boot: UInt32
    var ticksPerSecond: UInt32
    var tick: UInt64
    var oldest: UInt32
    var heaps: [AnnouncedHeap]
    var capabilities: Capabilities
    /// It came in a body or a file, which may come again later: its tick is not that of its arrival, and does not show that the device has
    /// started over. Its frames still can.
    var mayBeOld = false

    init(payload: UnsafeBufferPointer<UInt8>) throws(Malformed) {
        guard let base = payload.baseAddress else { throw .truncatedField }
        var hello = try Hello(payload: base, count: payload.count)
        isOneWay = hello.isOneWay
        device = try Self.text(hello.device)
        build = try Self.text(hello.build)
        (boot, ticksPerSecond, tick, oldest) = (hello.boot, hello.ticksPerSecond, hello.tick, hello.oldest)
        capabilities = hello.capabilities
        heaps = []
        while let heap = try hello.nextHeap() {
            guard !heaps.contains(where: { $0.number == heap.heap }) else { throw .valueOutOfRange }
            heaps.append(AnnouncedHeap(number: heap.heap, name: try Self.text(heap.name), layout: heap.layout))
        }
    }

    /// UTF-8 without control characters, because the text is printed on terminals.
    static func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(Malformed) -> String {
        guard let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .valueOutOfRange }
        return text
    }
}
