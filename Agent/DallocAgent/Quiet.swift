// SPDX-License-Identifier: Apache-2.0
//
// What makes an idle poll cheap: while nothing is due, nothing waits to be sent and nobody says anything, a poll looks at the clock,
// at the recorders and at the line, and that is all. Whatever else happens ends the quiet, and the whole poll runs.
//
// A look takes no locks. Recorders change in other threads, and each change that a poll must act on brings `due_tick` nearer; a look
// that comes too early to see it is as good as a poll before it.

//
// On ARM, where flash is scarcer than time, there is no quiet.

internal import CDalloc
internal import CDallocAgent

struct Quiet {
    let agent: AgentPointer

    /// The next poll is a whole one.
    @inline(__always)
    func end() {
        #if !arch(arm)
            agent.pointee.quiet = false
        #endif
    }

    /// Whether the polls from now on have nothing to do until something happens.
    @inline(__always)
    func judge() {
        #if !arch(arm)
            agent.pointee.quiet =
                agent.pointee.state == Conversation.State.streaming && agent.pointee.length == 0
                && agent.pointee.config.link.read != nil && !wantsKeyframe
        #endif
    }

    /// A poll while nothing happens. False when the whole poll must follow.
    @inline(__always)
    func poll() -> Bool {
        #if arch(arm)
            return false
        #else
            guard agent.pointee.quiet, lasts() else { return false }
            if let isUp = agent.pointee.config.link.is_up, !isUp(agent.pointee.config.link.context) {
                lineLost()
                return true
            }
            let count = dalloc_agent_port_read(agent)
            if count != 0 { hear(count) }
            return true
        #endif
    }

    #if !arch(arm)
        /// True while there is still nothing to do.
        @inline(__always)
        private func lasts() -> Bool {
            guard Clock.glance(agent) else { return false }
            let now = agent.pointee.tick
            var next = agent.pointee.recorders
            while let recorder = next {
                // A heap that was made anew has lost its observer.
                let observed = dalloc_agent_port_heap(recorder).pointee.observer_context
                guard observed == UnsafeMutableRawPointer(recorder), !isDue(recorder, now) else { return false }
                next = recorder.pointee.next
            }
            return true
        }

        @inline(__always)
        private func isDue(_ recorder: RecorderPointer, _ now: UInt32) -> Bool {
            Int32(bitPattern: now &- recorder.pointee.due_tick) >= 0
        }

        @inline(never)
        private func hear(_ count: Int32) {
            Conversation(agent: agent).proceed(count)
            judge()
        }

        @inline(never)
        private func lineLost() {
            Conversation(agent: agent).lineLost()
            end()
        }

        private var wantsKeyframe: Bool {
            var next = agent.pointee.recorders
            while let recorder = next {
                if recorder.pointee.wants_keyframe { return true }
                next = recorder.pointee.next
            }
            return false
        }
    #endif
}
