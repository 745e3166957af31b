// A Swift program for bare metal, in static memory only, whose heap a collector watches over a serial line.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent

nonisolated(unsafe) var heapControl = heap_t()
nonisolated(unsafe) var heapSlots = InlineArray<32, UnsafeMutableRawPointer?>(repeating: nil)
nonisolated(unsafe) var heapMemory = InlineArray<1024, UInt32>(repeating: 0)
nonisolated(unsafe) var agentControl = dalloc_agent_t()
nonisolated(unsafe) var recorder = dalloc_recorder_t()
nonisolated(unsafe) var transmitBuffer = InlineArray<1024, UInt8>(repeating: 0)

@main struct Device {
    static func main() {
        do throws(AgentError) {
            guard var heap = try? Heap(unsafeControl: &heapControl, slots: &heapSlots, memory: &heapMemory) else {
                return
            }
            var uart = dalloc_link_t()
            (uart.write, uart.read) = (board_uart_write, board_uart_read)
            var agent = try Agent(
                unsafeControl: &agentControl, transmitBuffer: &transmitBuffer, device: "pump-17", build: "1.4.2",
                bootID: board_boot_counter(), clock: AgentClock(ticksPerSecond: 1000, now: board_milliseconds),
                link: AgentLink(unsafe: uart))
            try agent.attach(&heap, as: "main", unsafeRecorder: &recorder)
            run(&heap, &agent)
        } catch {
            return
        }
    }

    static func run(_ heap: inout Heap, _ agent: inout Agent) {
        var size = 1
        while true {
            if let message = try? heap.allocate(size) { heap.free(message) }
            size = size % 64 + 1
            agent.poll()
            board_sleep()
        }
    }
}
