// SPDX-License-Identifier: Apache-2.0
//
// The function of dalloc_agent_spool.h, and what it shares with Swift.

// The name is the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDallocAgent

@c @implementation
func dalloc_agent_set_spool(
    _ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ spool: UnsafeMutablePointer<dalloc_spool_t>?
) -> dalloc_agent_error_t {
    let name = cString("dalloc_agent_set_spool")
    guard let agent, let spool else { return refuse(DALLOC_AGENT_ERROR_NULL, in: name) }
    do throws(AgentError) {
        try AgentLife.setSpool(agent, spool)
        return DALLOC_AGENT_OK
    } catch {
        return refuse(error.code, in: name)
    }
}

extension AgentLife {
    @inline(__always)
    static func setSpool(_ agent: AgentPointer, _ spool: SpoolPointer) throws(AgentError) {
        guard agent.pointee.config.link.write != nil else { throw .notStarted }
        guard agent.pointee.recorders == nil, agent.pointee.config.link.read != nil,
            !dalloc_agent_port_carries_chunks(&agent.pointee.config.link)
        else { throw .spool }
        guard spool.pointee.begin != nil, spool.pointee.append != nil, spool.pointee.end != nil,
            spool.pointee.read != nil, spool.pointee.drop != nil
        else { throw .spool }
        let least = 2 &* dalloc_agent_port_transmit_least(AgentLife.recorderBytes.lowerBound)
        let usual = max(4096, 2 &* dalloc_agent_port_transmit_least(dalloc_agent_port_own_bytes()))
        let bytes = spool.pointee.part_bytes == 0 ? usual : spool.pointee.part_bytes
        guard bytes >= least, bytes <= 0xFFFF else { throw .spool }
        dalloc_agent_port_spool_clear(spool)
        spool.pointee.part_bytes = bytes
        spool.pointee.serve = Spool.serve
        spool.pointee.earlier = Spool.unknown
        agent.pointee.spool = spool
        agent.pointee.spooled = true
        // HELLO has the other half. Without a limit, 0 wraps around to the largest number.
        if agent.pointee.config.longest_frame &- 1 >= bytes / 2 { agent.pointee.config.longest_frame = bytes / 2 }
    }
}
