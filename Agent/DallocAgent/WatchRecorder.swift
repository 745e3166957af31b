// SPDX-License-Identifier: Apache-2.0
//
// Records what another allocator does. Runs inside the watch's lock, allocates nothing, and its cost does not depend on the heap,
// but for one step of a walk when the block is freed that a listing has come to.

internal import CDallocAgent
internal import HeapWire

struct WatchRecorder {
    let watch: WatchPointer

    var recorder: RecorderPointer { dalloc_agent_port_watch_recorder(watch) }

    /// False while there is no agent: before the start, and after the agent's end.
    var isStarted: Bool { watch.pointee.recorder.agent != nil }

    @inline(__always)
    func locked(_ body: (WatchRecorder) -> Void) {
        dalloc_agent_port_lock(recorder)
        if isStarted { body(self) }
        dalloc_agent_port_unlock(recorder)
    }

    // MARK: Operations, with the lock held

    func alloc(_ address: UInt, _ size: UInt32, _ site: UInt) {
        watch.pointee.allocations &+= 1
        enter(address, size)
        record(.alloc, size, site) {
            $0.size(size)
            $0.address(address, .comes)
            $0.remember(address, .comes)
            $0.callSite(site)
        }
    }

    func free(_ address: UInt) {
        watch.pointee.frees &+= 1
        WatchWalk(watch: watch).leave(address)
        leave(address)
        record(.free) {
            $0.address(address, .goes)
            $0.remember(address, .goes)
        }
    }

    func resize(_ old: UInt, _ address: UInt, _ size: UInt32) {
        if address != old {
            leave(old)
            WatchWalk(watch: watch).lose(old)
            enter(address, size)
        } else {
            WatchWalk(watch: watch).resize(address, size)
        }
        record(.resize) {
            $0.address(old, .goes)
            $0.size(size)
            $0.flag(address != old)
            if address != old {
                $0.address(address, .comes)
                $0.remember(address, .comes)
            }
            $0.remember(old, address != old ? .goes : .comes)
        }
    }

    func fail(_ size: UInt32, _ why: UInt32, _ site: UInt) {
        watch.pointee.failures &+= 1
        record(.failed) {
            // A size that can't be written is one that nobody can have.
            $0.why(size == 0 ? 2 : why)
            $0.size(size)
            $0.callSite(site)
        }
    }

    func reset() {
        (watch.pointee.allocations, watch.pointee.frees, watch.pointee.failures) = (0, 0, 0)
        (watch.pointee.live_blocks, watch.pointee.digest) = (0, 0)
        WatchWalk(watch: watch).restart()
        record(.reset) { _ in }
    }

    private func enter(_ address: UInt, _ size: UInt32) {
        watch.pointee.live_blocks &+= 1
        watch.pointee.digest &+= AddressDigest.of(address)
        WatchWalk(watch: watch).enter(address, size: size)
    }

    private func leave(_ address: UInt) {
        watch.pointee.live_blocks &-= 1
        watch.pointee.digest &-= AddressDigest.of(address)
    }

    // MARK: Recording

    private func record(
        _ kind: OperationKind, _ size: UInt32 = 0, _ site: UInt = 0, _ fields: (inout WatchWriter) -> Void
    ) {
        let recorder = recorder
        if recorder.pointee.summarizes {
            guard dalloc_agent_port_keep(recorder, kind.number, size, site) else { return }
            watch.pointee.allocated = (0, 0)
            return append(kind, fields)
        }
        guard recorder.pointee.lost == 0 else { return Recorder.lose(1, recorder) }
        let bytes = UInt32(recorder.pointee.size)
        let limit = bytes &- UInt32(truncatingIfNeeded: RecordWriter.longest)
        guard UInt32(recorder.pointee.used) <= limit else { return Recorder.loseAll(recorder) }
        if recorder.pointee.count == 0 {
            Recorder.beginFrame(recorder)
            watch.pointee.allocated = (0, 0)
        }
        append(kind, fields)
        if UInt32(recorder.pointee.used) >= bytes / 4, let agent = recorder.pointee.agent {
            recorder.pointee.due_tick = agent.pointee.tick
        }
    }

    private func append(_ kind: OperationKind, _ fields: (inout WatchWriter) -> Void) {
        let recorder = recorder
        let elapsed = Recorder.pass(recorder)
        let start = dalloc_agent_port_operations(recorder)
        var writer = WatchWriter(watch, at: start + Int(recorder.pointee.used))
        writer.head(kind, elapsed: elapsed)
        fields(&writer)
        writer.finish()
        recorder.pointee.used = UInt16(truncatingIfNeeded: writer.next - start)
        recorder.pointee.count &+= 1
    }
}
