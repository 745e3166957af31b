// SPDX-License-Identifier: Apache-2.0
//
// How a heap of another allocator comes to an agent.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

enum WatchLife {
    @inline(__always)
    static func start(
        _ agent: AgentPointer, _ watch: WatchPointer, _ config: UnsafePointer<dalloc_watch_config_t>,
        _ buffer: UnsafeMutablePointer<UInt8>?, _ bytes: UInt32
    ) throws(AgentError) {
        let recorder = dalloc_agent_port_watch_recorder(watch)
        guard agent.pointee.config.link.write != nil else { throw .notStarted }
        guard !AgentLife.isAttached(recorder, to: agent) else { throw .recorderIsInUse }
        guard let name = config.pointee.name, AgentLife.isTextWithin(name, limit: WireLimits.heapName) else {
            throw .heapName
        }
        guard Int(agent.pointee.recorder_count) < WireLimits.heaps else { throw .tooManyHeaps }
        var config = config.pointee
        if config.alignment == 0 { config.alignment = 8 }
        if config.blocks == 0 { config.blocks = WireLimits.table }
        guard isSound(config) else { throw .watch }
        try AgentLife.check(buffer, bytes, agent)
        dalloc_agent_port_clear_watch(watch)
        watch.pointee.config = config
        (recorder.pointee.operations, recorder.pointee.size) = (buffer, UInt16(truncatingIfNeeded: bytes))
        while config.alignment &>> UInt32(watch.pointee.shift) > 1 { watch.pointee.shift &+= 1 }
        recorder.pointee.name = name
        recorder.pointee.announced_memory = UnsafeMutablePointer(
            mutating: config.memory?.assumingMemoryBound(to: UInt8.self))
        recorder.pointee.announced_size = config.size
        recorder.pointee.wants_keyframe = true
        agent.pointee.watch = FrameCutter.cutWatched
        dalloc_agent_port_lock(recorder)
        count(watch)
        Recorder.clear(recorder)
        AgentLife.enlist(recorder, agent)
        dalloc_agent_port_unlock(recorder)
        AgentLife.announce(recorder, agent)
    }

    private static func isSound(_ config: dalloc_watch_config_t) -> Bool {
        let alignment = config.alignment
        return alignment <= 65536 && alignment & (alignment &- 1) == 0 && config.blocks <= WireLimits.watchedTable
            && UInt.max &- UInt(bitPattern: config.memory) >= UInt(config.size)
            && (config.lock == nil) == (config.unlock == nil)
    }

    /// What the heap holds already counts as allocated.
    private static func count(_ watch: WatchPointer) {
        guard watch.pointee.config.next != nil else { return }
        let walk = WatchWalk(watch: watch)
        while let block = walk.next() {
            watch.pointee.allocations &+= 1
            watch.pointee.live_blocks &+= 1
            watch.pointee.digest &+= AddressDigest.of(block.address)
            walk.pass()
        }
        walk.restart()
    }
}
