// SPDX-License-Identifier: Apache-2.0
//
// Reads frames from the collector byte by byte. The state lives in the agent's C struct between two polls.

internal import CDallocAgent
internal import HeapWire

struct ReplyReader {
    let agent: AgentPointer

    func reset() {
        agent.pointee.reply_length = 0
        agent.pointee.reply_block = 0
        agent.pointee.reply_zero = false
    }

    /// The reply that this byte ended; nil when more is needed or the frame made no sense, which is counted.
    func feed(_ byte: UInt8) -> ReplyFields? {
        var reader = FrameReader(
            buffer: dalloc_agent_port_reply(agent), capacity: Int(dalloc_agent_port_reply_size()),
            state: FrameReader.State(
                length: Int(agent.pointee.reply_length), blockRest: Int(agent.pointee.reply_block),
                zeroIsDue: agent.pointee.reply_zero))
        defer {
            let state = reader.state
            agent.pointee.reply_length = UInt8(truncatingIfNeeded: state.length)
            agent.pointee.reply_block = UInt16(truncatingIfNeeded: state.blockRest)
            agent.pointee.reply_zero = state.zeroIsDue
        }
        do {
            guard let length = try reader.feed(byte) else { return nil }
            agent.pointee.reply_count = UInt8(truncatingIfNeeded: length)
            return try ReplyFields(payload: dalloc_agent_port_reply(agent), count: length)
        } catch {
            // A frame of a later collector, which a device of today need not know.
            let type = dalloc_agent_port_reply(agent)[0]
            if error == .unknownFrameType, FrameType.isSkippable(type) {
                ConnectionBackoff(agent: agent).noteReply()
                return nil
            }
            agent.pointee.counters.replies_malformed &+= 1
            // The collector is older than this agent: nothing more until the line comes up anew.
            if error == .unknownVersion {
                Session(agent: agent).move(to: .refused)
                ConnectionBackoff(agent: agent).noteReply()
            }
            return nil
        }
    }
}
