// SPDX-License-Identifier: Apache-2.0
//
// Composes HELLO from the agent's configuration and the heaps as they are.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

struct HelloWriter {
    let agent: AgentPointer

    /// Stores `length` bytes of the frame from `start` on in `window`. Returns the bytes of the whole frame.
    func write(window: UnsafeMutablePointer<UInt8>, start: Int, length: Int) -> Int {
        var writer = FrameWriter(window: window, start: start, length: length)
        let config = agent.pointee.config
        writer.byte(FrameType.hello.rawValue)
        writer.varint(WireLimits.version)
        writer.varint(config.link.read == nil ? UInt32(1) : 0)
        string(config.device_id, limit: WireLimits.identifier, to: &writer)
        string(config.build, limit: WireLimits.identifier, to: &writer)
        writer.varint(config.boot_id)
        writer.varint(config.ticks_per_second)
        writer.varint(agent.pointee.hello_tick)
        writer.varint(agent.pointee.oldest_sequence)
        writer.varint(UInt32(MemoryLayout<UInt>.size))
        writer.varint(UInt32(agent.pointee.recorder_count))
        var next = agent.pointee.recorders
        while let recorder = next {
            heap(recorder, to: &writer)
            next = recorder.pointee.next
        }
        return writer.finish()
    }

    private func heap(_ recorder: RecorderPointer, to writer: inout FrameWriter) {
        writer.varint(UInt32(recorder.pointee.id))
        string(recorder.pointee.name, limit: WireLimits.heapName, to: &writer)
        writer.varint(UInt64(wide: Int(bitPattern: recorder.pointee.announced_memory)))
        writer.varint(recorder.pointee.announced_size)
        writer.varint(dalloc_port_alignment())
        writer.varint(dalloc_port_table_size())
        let lazy: UInt32 = recorder.pointee.announced_lazy ? HeapTraits.lazy.rawValue : 0
        writer.varint(lazy | (dalloc_port_has_call_sites() ? HeapTraits.callSites.rawValue : 0))
    }

    private func string(_ text: UnsafePointer<CChar>?, limit: Int, to writer: inout FrameWriter) {
        guard let text else { return writer.varint(UInt32(0)) }
        let length = cStringLength(text, limit: limit)
        text.withMemoryRebound(to: UInt8.self, capacity: length) { writer.string($0, count: length) }
    }
}

/// Bytes before the terminating zero, but at most `limit`.
func cStringLength(_ text: UnsafePointer<CChar>, limit: Int) -> Int {
    var length = 0
    while length < limit, text[length] != 0 { length &+= 1 }
    return length
}
