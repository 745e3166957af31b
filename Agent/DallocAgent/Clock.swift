// SPDX-License-Identifier: Apache-2.0
//
// The program's clock, in 64 bits. A clock of 32 bits is extended by counting how often it wraps around, so it must be
// read at least once in 2^32 ticks. A difference is taken for a step forward, perhaps through a sleep. Only the last
// sixteenth of the range is taken for a step back: the clock was set back a little, or another thread read it a moment
// later. Then the agent's time stands still.

internal import CDallocAgent
internal import HeapWire

typealias AgentPointer = UnsafeMutablePointer<dalloc_agent_t>

enum Clock {
    /// Ticks beyond which a step of a 32-bit clock is one back.
    private static var back: UInt32 { 0xF000_0000 }

    /// Chooses between the two clocks, once.
    @inline(__always)
    static func start(_ agent: AgentPointer) {
        if dalloc_agent_port_is_wide(agent) {
            agent.pointee.ticks_context = UnsafeMutableRawPointer(agent)
            agent.pointee.ticks = { context in
                guard let agent = context?.assumingMemoryBound(to: dalloc_agent_t.self) else { return 0 }
                return UInt32(truncatingIfNeeded: dalloc_agent_port_now64(agent))
            }
        } else {
            agent.pointee.ticks_context = agent.pointee.config.now_context
            agent.pointee.ticks = agent.pointee.config.now
            // It may start anywhere.
            agent.pointee.tick = ticks(agent)
        }
        _ = look(agent)
    }

    /// The low half of the clock.
    @inline(__always)
    static func ticks(_ agent: AgentPointer) -> UInt32 {
        dalloc_agent_port_now(agent)
    }

    /// Ticks between two looks at the clock; 0 when it was set back.
    @inline(__always)
    static func forward(from earlier: UInt32, to later: UInt32) -> UInt32 {
        let elapsed = later &- earlier
        return elapsed < back ? elapsed : 0
    }

    /// The clock in 64 bits as it was at the last look.
    @inline(__always)
    private static func shown(_ agent: AgentPointer) -> UInt64 {
        agent.pointee.tick_base &+ UInt64(wide: agent.pointee.tick)
    }

    /// The clock now, in 64 bits. Only the task that polls may call it.
    @inline(never)
    static func wideTicks(_ agent: AgentPointer) -> UInt64 {
        _ = look(agent)
        return shown(agent)
    }

    /// The clock in 64 bits, at least `now`, which the integrator's clock has already shown. It never goes back.
    @inline(never)
    static func advance(_ agent: AgentPointer, to now: UInt32) -> UInt64 {
        _ = look(agent, at: now)
        return shown(agent)
    }

    /// Looks at the clock. Only the task that polls may call it.
    #if arch(arm)
        // Flash is scarcer than time there.
        @inline(never)
    #else
        @inline(__always)
    #endif
    static func look(_ agent: AgentPointer) -> UInt32 {
        guard dalloc_agent_port_is_wide(agent) else { return look(agent, at: ticks(agent)) }
        let (now, shown) = (dalloc_agent_port_now64(agent), shown(agent))
        if now > shown {
            agent.pointee.tick = UInt32(truncatingIfNeeded: now)
            agent.pointee.tick_base = now &- UInt64(wide: agent.pointee.tick)
            if now &- shown >= 0x8000_0000 { wake(agent) }
        }
        return agent.pointee.tick
    }

    /// Takes what a clock has shown.
    @inline(never)
    private static func look(_ agent: AgentPointer, at now: UInt32) -> UInt32 {
        let elapsed = now &- agent.pointee.tick
        if elapsed < back {
            if now < agent.pointee.tick { agent.pointee.tick_base &+= 0x1_0000_0000 }
            agent.pointee.tick = now
            if elapsed >= 0x8000_0000 { wake(agent) }
        }
        return agent.pointee.tick
    }

    /// After more than 2^31 ticks, comparisons would take what is overdue for later: makes everything due.
    @inline(never)
    private static func wake(_ agent: AgentPointer) {
        var recorders = Recorders(of: agent)
        while let recorder = recorders.next() { recorder.pointee.due_tick = agent.pointee.tick }
    }

    /// The clock now, at least what it showed at the last look; for any thread. (What is torn there because the clock
    /// wraps around at this moment is right in its low half.)
    @inline(__always)
    static func latest(_ agent: AgentPointer) -> UInt32 {
        if dalloc_agent_port_is_wide(agent) {
            let now = dalloc_agent_port_now64(agent)
            return now >= shown(agent) ? UInt32(truncatingIfNeeded: now) : agent.pointee.tick
        }
        let (now, shown) = (ticks(agent), agent.pointee.tick)
        return shown &+ forward(from: shown, to: now)
    }

    /// True when nothing but a few ticks have passed, which are noted; otherwise ``look(_:)`` is needed.
    @inline(__always)
    static func glance(_ agent: AgentPointer) -> Bool {
        var now = UInt32(0)
        if dalloc_agent_port_is_wide(agent) {
            let wide = dalloc_agent_port_now64(agent)
            now = UInt32(truncatingIfNeeded: wide)
            guard wide &- UInt64(wide: now) == agent.pointee.tick_base else { return false }
        } else {
            now = ticks(agent)
        }
        // `look` knows what to do with a clock that has wrapped around or was set back.
        guard now &- agent.pointee.tick < 0x8000_0000, now >= agent.pointee.tick else { return false }
        agent.pointee.tick = now
        return true
    }
}
