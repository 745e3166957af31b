// SPDX-License-Identifier: Apache-2.0
//
// Frames of watched heaps. The agent reaches this through a pointer that the first watch brings, so that firmware without one has no
// flash for it.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

extension FrameCutter {
    static let cutWatched:
        @convention(c) (
            _ recorder: RecorderPointer?, _ step: UInt32, _ argument: UInt32
        ) -> Bool = { recorder, step, argument in
            guard let recorder, let agent = recorder.pointee.agent else { return false }
            let cutter = FrameCutter(agent: agent, recorder: recorder)
            switch step {
            case UInt32(DALLOC_WATCH_TAKE): cutter.takeWatched(Int(argument))
            case UInt32(DALLOC_WATCH_DELTA):
                return cutter.endDelta(at: argument, digest: cutter.watch.pointee.digest) {
                    cutter.writeWatchedFigures(to: &$0)
                }
            default: cutter.cutWatchedKeyframe()
            }
            return true
        }

    var watch: WatchPointer { dalloc_agent_port_watched(recorder) }

    private func takeWatched(_ count: Int) {
        frame.pointee.takeWatched(
            dalloc_agent_port_operations(recorder), count: count, shift: UInt32(watch.pointee.shift),
            hasCallSites: watch.pointee.config.call_sites)
    }

    /// Sends as many blocks as there is room for; the rest follows in the next polls.
    private func cutWatchedKeyframe() {
        let transmitter = Transmitter(agent: agent)
        let isListed = watch.pointee.config.next != nil
        let header = HeapState.longest &+ 3
        // The smallest buffer may never have room for more than one.
        let least = !isListed ? 0 : transmitter.isEmpty ? 1 : Self.leastEntries
        let room = transmitter.payloadRoom
        guard room >= header &+ least &* EntryWriter.longest else {
            _ = noRoom()
            return
        }
        let walk = WatchWalk(watch: watch)
        let isFirst = recorder.pointee.keyframe_next == 0
        if isFirst { walk.restart() }
        let tick = Clock.wideTicks(agent)
        begin(at: tick, FrameType.keyframe.rawValue)
        HeapState.continueKeyframe(
            digest: watch.pointee.digest, first: !isListed ? 2 : isFirst ? 0 : 1, to: &frame.pointee.encoder.writer
        ) { writeWatchedFigures(to: &$0) }
        var isComplete = true
        if isListed {
            isComplete = writeEntries(walk, room)
            frame.pointee.encoder.end()
        }
        recorder.pointee.wants_keyframe = !isComplete
        recorder.pointee.keyframe_next = isComplete ? 0 : 1
        if isComplete { recorder.pointee.keyframe_tick = UInt32(truncatingIfNeeded: tick) }
        _ = finishFrame(at: UInt32(truncatingIfNeeded: tick))
    }

    /// False when more blocks are to be listed.
    private func writeEntries(_ walk: WatchWalk, _ room: Int) -> Bool {
        let layout = Recorder.announcedLayout(recorder)
        var entries = EntryWriter(
            baseAddress: UInt(truncatingIfNeeded: layout.baseAddress), pointerWidth: layout.pointerWidth,
            traits: layout.traits, shift: UInt32(watch.pointee.shift))
        while let block = walk.next() {
            guard frame.pointee.encoder.writer.count &+ EntryWriter.longest <= room else { return false }
            // A walker does not know who called.
            entries.write(size: block.size, gap: 0, owner: block.address, callSite: 0, to: &frame.pointee.encoder)
            walk.pass()
        }
        return true
    }

    func writeWatchedFigures(to writer: inout FrameWriter) {
        HeapState.writeFigures(
            used: 0, gaps: 0, liveBlocks: watch.pointee.live_blocks, peak: 0, allocations: watch.pointee.allocations,
            frees: watch.pointee.frees, failures: watch.pointee.failures, moves: 0, bytesMoved: 0,
            lost: recorder.pointee.lost, to: &writer)
    }
}
