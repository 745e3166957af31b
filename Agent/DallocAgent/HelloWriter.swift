// SPDX-License-Identifier: Apache-2.0
//
// Composes HELLO from the agent's configuration and the heaps as they are.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

struct HelloWriter {
    let agent: AgentPointer

    /// Stores `length` bytes of the frame from `start` on in `window`. Returns the bytes of the whole frame.
    /// - Parameter oldest: the lowest number that follows.
    func write(window: UnsafeMutablePointer<UInt8>, start: Int, length: Int, oldest: UInt32) -> Int {
        var writer = FrameWriter(window: window, start: start, length: length)
        Hello.write(
            isOneWay: agent.pointee.config.link.read == nil,
            device: text(agent.pointee.config.device_id, limit: WireLimits.identifier),
            build: text(agent.pointee.config.build, limit: WireLimits.identifier), boot: agent.pointee.config.boot_id,
            ticksPerSecond: agent.pointee.config.ticks_per_second, tick: agent.pointee.hello_tick,
            oldest: oldest, pointerWidth: UInt32(MemoryLayout<UInt>.size),
            heapCount: UInt32(agent.pointee.recorder_count), to: &writer)
        var recorders = Recorders(of: agent)
        while let recorder = recorders.next() {
            HeapGeometry.write(
                heap: UInt32(recorder.pointee.id), name: text(recorder.pointee.name, limit: WireLimits.heapName),
                layout: Recorder.announcedLayout(recorder), to: &writer)
        }
        if agent.pointee.summaries != nil { Capabilities.writeSummaries(to: &writer) }
        return writer.finish()
    }

    @inline(never)
    private func text(_ text: UnsafePointer<CChar>?, limit: Int) -> UnsafeBufferPointer<UInt8> {
        guard let text else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(
            start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: cStringLength(text, limit: limit))
    }
}

/// Bytes before the terminating zero, but at most `limit`.
@inline(never)
func cStringLength(_ text: UnsafePointer<CChar>, limit: Int) -> Int {
    var length = 0
    while length < limit, text[length] != 0 { length &+= 1 }
    return length
}
