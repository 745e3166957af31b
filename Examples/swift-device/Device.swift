// SPDX-License-Identifier: Apache-2.0
//
// A Swift program for bare metal, in static memory only, whose heap a collector watches over a serial line.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent

// One thread runs this program, no interrupt touches what stands here, and a global's address never changes, so what `main` lends with `&`
// stays valid.

// Safe: only the heap uses it, in calls of that one thread.
nonisolated(unsafe) var heapSlots = InlineArray<32, UnsafeMutableRawPointer?>(repeating: nil)
// Safe: only the heap uses it, in calls of that one thread.
nonisolated(unsafe) var heapMemory = InlineArray<1024, UInt32>(repeating: 0)
// Safe: only the agent uses it, in calls of that one thread.
nonisolated(unsafe) var agentControl = dalloc_agent_t()
// Safe: the heap fills it and the agent empties it, both in calls of that one thread.
nonisolated(unsafe) var recorder = dalloc_recorder_t()
// Safe: only the agent uses it, in calls of that one thread.
nonisolated(unsafe) var transmitBuffer = InlineArray<1024, UInt8>(repeating: 0)

@main struct Device {
    static func main() {
        do throws(AgentError) {
            guard let control = board_heap_control(),
                var heap = try? Heap(unsafeControl: control, slots: &heapSlots, memory: &heapMemory)
            else { return }
            var uart = dalloc_link_t()
            (uart.write, uart.read) = (board_uart_write, board_uart_read)
            var agent = try Agent(
                unsafeControl: &agentControl, transmitBuffer: &transmitBuffer, device: "pump-17", build: "1.4.2",
                bootID: board_boot_counter(), link: AgentLink(unsafe: uart),
                clock: AgentClock(ticksPerSecond: 1000, now: board_milliseconds))
            try agent.attach(&heap, as: "main", unsafeRecorder: &recorder)
            run(&heap, &agent)
        } catch {
            return
        }
    }

    static func run(_ heap: inout Heap, _ agent: inout Agent) {
        var size = 1
        while true {
            do throws(HeapError) {
                try heap.free(try heap.allocate(byteCount: size))
            } catch {
                // No room for it: the next one is smaller again some day.
            }
            size = size % 64 + 1
            agent.poll()
            board_sleep()
        }
    }
}
