// The integrator's 32-bit clock, extended to 64 bits by counting its wrap-arounds. It must be looked at once in each half turn
// at least: at 1 MHz every 35 minutes.

internal import CDallocAgent
internal import HeapWire

typealias AgentPointer = UnsafeMutablePointer<dalloc_agent_t>

enum Clock {
    @inline(__always)
    static func ticks(_ agent: AgentPointer) -> UInt32 {
        dalloc_agent_port_now(agent)
    }

    /// The clock now, in 64 bits. Only the task that polls may call it.
    @inline(never)
    static func wideTicks(_ agent: AgentPointer) -> UInt64 {
        advance(agent, to: ticks(agent))
    }

    /// The clock in 64 bits, at least `now`, which the integrator's clock has already shown. It never goes back.
    @inline(never)
    static func advance(_ agent: AgentPointer, to now: UInt32) -> UInt64 {
        _ = look(agent, at: now)
        return agent.pointee.tick_base &+ UInt64(wide: agent.pointee.tick)
    }

    /// The same, in 32 bits.
    #if arch(arm)
        // Flash is scarcer than time there.
        @inline(never)
    #else
        @inline(__always)
    #endif
    static func look(_ agent: AgentPointer, at now: UInt32) -> UInt32 {
        let elapsed = now &- agent.pointee.tick
        if elapsed < 0x8000_0000 {
            if now < agent.pointee.tick { agent.pointee.tick_base &+= 0x1_0000_0000 }
            agent.pointee.tick = now
        }
        return agent.pointee.tick
    }
}
