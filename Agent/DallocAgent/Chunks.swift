// SPDX-License-Identifier: Apache-2.0
//
// Frames over a transport of the program's own: chunks of whole frames go out, replies come back, each when the program wants it. A chunk
// always begins at the oldest frame that is kept. So nothing is to be remembered between two chunks, and one that was lost is
// taken again.

internal import CDallocAgent
internal import HeapWire

struct Chunks {
    let agent: AgentPointer

    /// See dalloc_agent_take_chunk.
    @inline(__always)
    func take(_ bytes: UnsafeMutablePointer<UInt8>, room: Int, greets: Bool) -> Int32 {
        let transmitter = Transmitter(agent: agent)
        guard !transmitter.isEmpty else { return 0 }
        var length = 0
        if greets {
            agent.pointee.hello_tick = Clock.wideTicks(agent)
            length = HelloWriter(agent: agent).write(
                window: bytes, start: 0, length: room, oldest: agent.pointee.oldest_sequence)
        }
        let least = length &+ transmitter.firstLength
        guard least <= room else { return -Int32(truncatingIfNeeded: least) }
        return Int32(truncatingIfNeeded: length &+ transmitter.copy(to: bytes + length, room: room &- length))
    }

    /// See dalloc_agent_give_replies.
    @inline(__always)
    func give(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt32 {
        let oldest = agent.pointee.oldest_sequence
        let reader = ReplyReader(agent: agent)
        // An earlier answer may have been torn.
        reader.reset()
        for index in 0..<count {
            if let reply = reader.feed(bytes[index]) { Session(agent: agent).takeAnswer(reply) }
        }
        return agent.pointee.oldest_sequence &- oldest
    }
}
