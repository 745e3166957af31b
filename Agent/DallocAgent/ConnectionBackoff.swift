// SPDX-License-Identifier: Apache-2.0
//
// When the agent ends a connection, and how long it waits before the next one. Only links that can be reset are
// connections; a line that is simply there, such as a UART, is greeted for as long as it takes.
//
// The backoff is exponential with jitter: each wait is twice the one before, up to a limit. A connection that was of
// use for eight times the wait that is due sets the wait back to the shortest. So two devices with one id, which
// displace each other at once, connect ever more seldom: one of them always waits the limit.

internal import CDalloc
internal import CDallocAgent
internal import HeapWire

struct ConnectionBackoff {
    let agent: AgentPointer

    private var link: dalloc_link_t { agent.pointee.config.link }

    /// `stray` once the connection has brought a reply.
    private static var hasReplied: UInt8 { .max }
    /// The same, and the last one said how long to wait.
    private static var hasRefused: UInt8 { .max &- 1 }
    /// Bytes without a reply in them that show that the peer is no collector: the longest reply has 32, after a zero perhaps.
    private static var mostStray: UInt8 { 40 }

    private var isForeign: Bool {
        agent.pointee.stray >= Self.mostStray && agent.pointee.stray < Self.hasRefused
    }

    /// The connection was of use for eight times the wait that is due.
    private var wasOfUse: Bool {
        (agent.pointee.stall_tick &- agent.pointee.start_tick) / 8 >= dueWait
    }

    private var dueWait: UInt32 { max(agent.pointee.retry_next, agent.pointee.config.retry_interval) }

    /// A connection has come up.
    @inline(__always)
    func begin() {
        agent.pointee.start_tick = agent.pointee.tick
        agent.pointee.stall_tick = agent.pointee.tick
        // Nobody replies on a one-way line.
        agent.pointee.stray = link.read == nil ? Self.hasReplied : 0
    }

    /// The peer has sent a byte.
    @inline(__always)
    func noteByte() {
        if agent.pointee.stray < Self.mostStray { agent.pointee.stray &+= 1 }
    }

    /// The peer has sent a reply: it is a collector.
    @inline(__always)
    func noteReply() {
        agent.pointee.stray = Self.hasReplied
        agent.pointee.stray_told = false
    }

    /// The collector has said how long to wait: at least so long, but not longer than this device's limit, whatever was due.
    @inline(__always)
    func noteWait(_ ticks: UInt32) {
        guard ticks > 0 else { return }
        if wasOfUse { agent.pointee.retry_next = 0 }
        agent.pointee.retry_next = max(agent.pointee.retry_next, min(ticks, agent.pointee.config.retry_limit))
        agent.pointee.stray = Self.hasRefused
    }

    /// Ends the connection when the peer is no collector, does not answer, or does not acknowledge. True when it did
    /// so.
    @inline(__always)
    func giveUp() -> Bool {
        guard let reset = link.reset, isConnectionUseless else { return false }
        reset(link.context)
        return true
    }

    private var isConnectionUseless: Bool {
        if isForeign { return true }
        let now = agent.pointee.tick
        let isWaiting = agent.pointee.length > 0 || agent.pointee.spooled
        if isWaiting, now &- agent.pointee.stall_tick >= agent.pointee.config.ack_timeout { return true }
        return Session(agent: agent).state.isUnanswered
            && now &- agent.pointee.doubt_tick >= agent.pointee.config.greeting_timeout
    }

    /// The connection was lost or given up: the next one must wait.
    @inline(__always)
    func start() {
        guard link.reset != nil else { return }
        tellForeign()
        agent.pointee.counters.links_lost &+= 1
        let config = agent.pointee.config
        var wait = dueWait
        let wasWelcome = agent.pointee.stray >= Self.hasRefused
        if agent.pointee.stray == Self.hasReplied, wasOfUse {
            wait = config.retry_interval
            agent.pointee.displaced_told = false
        } else if wasWelcome {
            tellDisplaced(wait / 4 >= config.retry_interval)
        }
        agent.pointee.retry_next = min(wait &* 2, config.retry_limit)
        agent.pointee.retry_wait = wait &- chance(below: wait / 2)
        agent.pointee.greeting_tick = agent.pointee.tick
        Session(agent: agent).move(to: .backingOff)
    }

    /// The wait has passed.
    @inline(__always)
    var isOver: Bool {
        agent.pointee.tick &- agent.pointee.greeting_tick >= agent.pointee.retry_wait
    }

    /// 0 to `limit`, `limit` not included: the same for the same device, boot and connection, and another one for any
    /// other, also where many devices count their boots.
    @inline(__always)
    private func chance(below limit: UInt32) -> UInt32 {
        // FNV-1a (Fowler, Noll, Vo, 1991).
        let prime: UInt32 = 0x0100_0193
        var hash = (agent.pointee.config.boot_id &* prime ^ agent.pointee.counters.links_lost) &* prime
        // At most 64 bytes, as the agent's start has made sure of.
        if var device = agent.pointee.config.device_id {
            while device.pointee != 0 {
                hash = (hash ^ UInt32(UInt8(bitPattern: device.pointee))) &* prime
                device += 1
            }
        }
        // Multiplied by a fraction of 16 bits, without a product of 64.
        let fraction = hash &>> 16
        return (limit &>> 16) &* fraction &+ ((limit & 0xFFFF) &* fraction) &>> 16
    }

    /// Said once, until a connection is useful again.
    @inline(__always)
    private func tellDisplaced(_ isSerious: Bool) {
        guard dalloc_agent_port_has_messages(), isSerious, !agent.pointee.displaced_told else { return }
        agent.pointee.displaced_told = true
        dalloc_port_report(
            cString("dalloc_agent"),
            cString("the collector ends each connection soon; has another device the same device_id? connections lost"),
            agent.pointee.counters.links_lost)
    }

    /// Said once, until a collector replies.
    private func tellForeign() {
        guard dalloc_agent_port_has_messages(), isForeign, !agent.pointee.stray_told else { return }
        agent.pointee.stray_told = true
        dalloc_port_report(
            cString("dalloc_agent"),
            cString("the peer is no collector; connect to the port of a collector for devices; bytes without a frame"),
            UInt32(Self.mostStray))
    }
}
