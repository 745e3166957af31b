// SPDX-License-Identifier: Apache-2.0
//
// Finds frames in a stream of bytes: removes the byte stuffing and verifies the checksum. It can join a stream
// anywhere and is in step at the next zero. A broken frame is skipped before it is reported, so that a stream can't
// get stuck.

public struct FrameReader {
    /// Where the reader is between two bytes.
    public struct State {
        /// Bytes in the buffer; one more than it holds when the frame is too long.
        public var length: Int
        /// Bytes left in the COBS block.
        public var blockRest: Int
        /// A zero follows this block, unless the block is the last one.
        public var zeroIsDue: Bool

        public init(length: Int = 0, blockRest: Int = 0, zeroIsDue: Bool = false) {
            (self.length, self.blockRest, self.zeroIsDue) = (length, blockRest, zeroIsDue)
        }
    }

    private let buffer: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    public private(set) var state: State

    /// Payloads land in `buffer`, which must live as long as the reader. It must hold the longest payload to accept
    /// and its checksum: ``WireLimits/payload`` + ``WireLimits/checksum`` bytes for all that the format allows.
    public init(buffer: UnsafeMutablePointer<UInt8>, capacity: Int, state: State = State()) {
        (self.buffer, self.capacity, self.state) = (buffer, capacity, state)
    }

    /// Takes one byte of the stream. Returns the length of the payload, now in the buffer, when the byte ended a
    /// frame; nil when more is needed. Throws, at the end of the frame, what was wrong with it.
    @inline(__always)
    public mutating func feed(_ byte: UInt8) throws(Malformed) -> Int? {
        assert(state.length >= 0 && state.length <= capacity &+ 1, "a reader counts no byte beyond its buffer but one")
        assert(state.blockRest >= 0 && state.blockRest <= 254, "a COBS block has at most 254 bytes after its code")
        if byte == 0 { return try endFrame() }
        if state.blockRest == 0 {
            if state.zeroIsDue { append(0) }
            state.blockRest = Int(byte) &- 1
            state.zeroIsDue = byte != 0xFF
        } else {
            state.blockRest &-= 1
            append(byte)
        }
        return nil
    }

    @inline(__always)
    private mutating func append(_ byte: UInt8) {
        guard state.length < capacity else {
            state.length = capacity &+ 1
            return
        }
        buffer[state.length] = byte
        state.length &+= 1
    }

    private mutating func endFrame() throws(Malformed) -> Int? {
        let ended = state
        state = State()
        // Zeros may follow each other: a sender ends what a broken line left unfinished.
        if ended.length == 0, ended.blockRest == 0, !ended.zeroIsDue { return nil }
        guard ended.length <= capacity else { throw .oversizedFrame }
        guard ended.blockRest == 0 else { throw .brokenStuffing }
        let payload = ended.length &- WireLimits.checksum
        guard payload > 0 else { throw .truncatedFrame }
        var checksum = CRC32()
        for index in 0..<payload { checksum.add(buffer[index]) }
        var stated: UInt32 = 0
        for index in 0..<4 { stated |= UInt32(buffer[payload &+ index]) &<< UInt32(truncatingIfNeeded: index &* 8) }
        guard stated == checksum.value else { throw .checksumMismatch }
        return payload
    }
}
