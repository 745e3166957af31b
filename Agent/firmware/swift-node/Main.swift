// SPDX-License-Identifier: Apache-2.0
//
// A sensor node in Embedded Swift, whose heap a collector watches. All memory is static.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent

// One thread runs this program, no interrupt touches what stands here, and a global's address never changes, so what `main` lends with `&`
// stays valid.

// Safe: only the heap uses it, in calls of that one thread.
nonisolated(unsafe) var heapSlots = InlineArray<40, UnsafeMutableRawPointer?>(repeating: nil)
// Safe: only the heap uses it, in calls of that one thread.
nonisolated(unsafe) var heapMemory = InlineArray<1024, UInt32>(repeating: 0)
// Safe: the agent uses it, and between two polls `truth_tell_if_asked`, on the same thread.
nonisolated(unsafe) var agentControl = dalloc_agent_t()
// Safe: the heap fills it, the agent empties it, and `truth_tell_if_asked` reads it between two polls, all on that one thread.
nonisolated(unsafe) var recorder = dalloc_recorder_t()
// Safe: only the agent uses it, in calls of that one thread.
nonisolated(unsafe) var transmitBuffer = InlineArray<2048, UInt8>(repeating: 0)

@main struct Main {
    static func main() {
        do throws(AgentError) {
            guard let control = board_heap_control(),
                var heap = try? Heap(unsafeControl: control, slots: &heapSlots, memory: &heapMemory)
            else { return }
            var agent = try Agent(
                unsafeControl: &agentControl, transmitBuffer: &transmitBuffer,
                device: AgentName(unsafe: board_device()), build: "1.0.0", bootID: board_boot_id(),
                link: AgentLink(unsafe: board_uart_link()),
                clock: AgentClock(ticksPerSecond: 1000, now: board_milliseconds))
            try agent.attach(&heap, as: "main", unsafeRecorder: &recorder)
            run(&heap, &agent)
        } catch {
            return
        }
    }

    static func run(_ heap: inout Heap, _ agent: inout Agent) {
        var node = Node(seed: board_boot_id())
        var polled: UInt32 = 0
        while true {
            let now = board_milliseconds(nil)
            // It throws only when one of its handles were of another heap.
            try? node.work(at: now, in: &heap)
            if now &- polled >= 10 {
                polled = now
                agent.poll()
                truth_tell_if_asked(&agentControl)
            }
            board_sleep()
        }
    }
}
