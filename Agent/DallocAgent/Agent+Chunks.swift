// SPDX-License-Identifier: Apache-2.0
//
// Chunks in Swift: see dalloc_agent_chunk.h.

internal import CDallocAgent

extension AgentLink {
    /// No line: the program takes the frames with ``Agent/takeChunk(_:greets:)``, and carries them itself.
    /// - Parameter replies: the collector's answers come back, to ``Agent/giveReplies(_:)``. Otherwise each frame is forgotten once it
    ///   was taken.
    public static func chunks(replies: Bool) -> AgentLink { AgentLink(unsafe: dalloc_agent_chunk_link(replies)) }
}

extension Agent {
    /// Takes the oldest frames that the agent has: whole ones, as many as fit. With replies, the same come again until these have
    /// acknowledged them.
    /// - Parameter greets: begins with HELLO, as each body of `POST /v1/ingest` must.
    /// - Returns: the bytes of the chunk; 0 when there is nothing to send; less than 0 when not even one frame fits: a chunk must have
    ///   at least that many bytes, without the sign.
    public mutating func takeChunk(_ bytes: UnsafeMutableBufferPointer<UInt8>, greets: Bool = true) -> Int {
        let size = UInt32(truncatingIfNeeded: min(bytes.count, 0x4000_0000))
        return Int(dalloc_agent_take_chunk(control, bytes.baseAddress, size, greets))
    }

    /// Hears what the collector answered to a chunk.
    /// - Returns: frames that are not to be sent again. 0 when the answer acknowledged nothing: then the next chunk has the same
    ///   frames, and is better taken later.
    @discardableResult
    public mutating func giveReplies(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let count = UInt32(truncatingIfNeeded: min(bytes.count, 0x4000_0000))
        return Int(truncatingIfNeeded: dalloc_agent_give_replies(control, bytes.baseAddress, count))
    }

    #if !hasFeature(Embedded)
        /// The same as an array of at most `bytes`; empty when there is nothing to send, nil when not even one frame fits.
        public mutating func takeChunk(bytes: Int, greets: Bool = true) -> [UInt8]? {
            var (chunk, isTooSmall) = ([UInt8](repeating: 0, count: max(0, bytes)), false)
            let count = chunk.withUnsafeMutableBufferPointer { buffer -> Int in
                let count = takeChunk(buffer, greets: greets)
                isTooSmall = count < 0
                return max(0, count)
            }
            chunk.removeLast(chunk.count - count)
            return isTooSmall ? nil : chunk
        }

        /// The same, of an array.
        @discardableResult
        public mutating func giveReplies(_ bytes: [UInt8]) -> Int {
            bytes.withUnsafeBufferPointer { giveReplies($0) }
        }
    #endif
}
