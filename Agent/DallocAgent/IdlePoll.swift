// SPDX-License-Identifier: Apache-2.0
//
// The fast path of a poll. While nothing is due, nothing waits to be sent and no byte comes in, a poll looks at the
// clock, the recorders and the line, and returns. Anything else leads to the whole poll.
//
// The look takes no locks. Other threads change the recorders, and each change that a poll must act on brings
// `due_tick` nearer. A look that comes too early to see such a change is as good as a poll before it.
//
// ARM does without the fast path: flash is scarcer than time there.

internal import CDalloc
internal import CDallocAgent

struct IdlePoll {
    let agent: AgentPointer

    /// The next poll is a whole one.
    @inline(__always)
    func end() {
        #if !arch(arm)
            agent.pointee.quiet = false
        #endif
    }

    /// At the end of a whole poll: decides whether the next one may take the fast path.
    @inline(__always)
    func judge() {
        #if !arch(arm)
            agent.pointee.quiet =
                Session(agent: agent).state == .streaming && agent.pointee.length == 0
                && agent.pointee.config.link.read != nil && !wantsKeyframe
        #endif
    }

    /// Polls on the fast path. False when the whole poll must follow.
    @inline(__always)
    func poll() -> Bool {
        #if arch(arm)
            return false
        #else
            guard agent.pointee.quiet, isNothingDue() else { return false }
            if let isUp = agent.pointee.config.link.is_up, !isUp(agent.pointee.config.link.context) {
                lineLost()
                return true
            }
            let count = dalloc_agent_port_read(agent)
            if count != 0 { proceed(count) }
            return true
        #endif
    }

    #if !arch(arm)
        @inline(__always)
        private func isNothingDue() -> Bool {
            guard Clock.glance(agent) else { return false }
            let now = agent.pointee.tick
            var recorders = Recorders(of: agent)
            while let recorder = recorders.next() {
                // A heap that was made anew has lost its observer.
                if let heap = recorder.pointee.heap,
                    heap.pointee.observer_context != UnsafeMutableRawPointer(recorder)
                {
                    return false
                }
                guard !isDue(recorder, now) else { return false }
            }
            return true
        }

        @inline(__always)
        private func isDue(_ recorder: RecorderPointer, _ now: UInt32) -> Bool {
            Int32(bitPattern: now &- recorder.pointee.due_tick) >= 0
        }

        @inline(never)
        private func proceed(_ count: Int32) {
            Session(agent: agent).proceed(count)
            judge()
        }

        @inline(never)
        private func lineLost() {
            Session(agent: agent).lineLost()
            end()
        }

        private var wantsKeyframe: Bool {
            var recorders = Recorders(of: agent)
            while let recorder = recorders.next() {
                if recorder.pointee.wants_keyframe { return true }
            }
            return false
        }
    #endif
}
