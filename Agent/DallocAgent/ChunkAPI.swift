// SPDX-License-Identifier: Apache-2.0
//
// The functions of dalloc_agent_chunk.h.

// The names are the C API's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CDalloc
internal import CDallocAgent

@c @implementation
func dalloc_agent_take_chunk(
    _ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ bytes: UnsafeMutablePointer<UInt8>?, _ size: UInt32,
    _ greets: Bool
) -> Int32 {
    guard let agent, let bytes, agent.pointee.config.link.write != nil else { return 0 }
    return Chunks(agent: agent).take(bytes, room: Int(truncatingIfNeeded: min(size, 0x4000_0000)), greets: greets)
}

@c @implementation
func dalloc_agent_give_replies(
    _ agent: UnsafeMutablePointer<dalloc_agent_t>?, _ bytes: UnsafePointer<UInt8>?, _ count: UInt32
) -> UInt32 {
    guard let agent, let bytes, agent.pointee.config.link.write != nil else { return 0 }
    return Chunks(agent: agent).give(bytes, count: Int(truncatingIfNeeded: min(count, 0x4000_0000)))
}
