// SPDX-License-Identifier: Apache-2.0
//
// Reads the bytes of a frame in the spool, and removes their stuffing.

internal import CDallocAgent

typealias SpoolPointer = UnsafeMutablePointer<dalloc_spool_t>

struct SpoolCursor {
    private let store: SpoolPointer
    /// Of the next byte, from the spool's oldest one.
    private(set) var offset: UInt32
    /// Of the next byte in the store's buffer, and how many are there.
    private var index = 0
    private var count = 0
    /// Bytes left in the COBS block.
    private(set) var blockRest = 0
    private var zeroIsDue = false

    /// What stands for no byte: the frame has ended, the spool has, it can't be read now.
    static var frameEnd: Int { -1 }
    static var spoolEnd: Int { -2 }
    static var failure: Int { -3 }

    init(_ store: SpoolPointer, at offset: UInt32) {
        (self.store, self.offset) = (store, offset)
    }

    /// The next byte of the payload or its checksum, or less than 0.
    @inline(never)
    mutating func next() -> Int {
        while true {
            let byte = stuffed()
            guard byte > 0 else { return byte == 0 ? Self.frameEnd : byte }
            if blockRest > 0 {
                blockRest &-= 1
                return byte
            }
            blockRest = byte &- 1
            let isDue = zeroIsDue
            zeroIsDue = byte != 0xFF
            if isDue { return 0 }
        }
    }

    /// The next byte as it goes on the line, or less than 0.
    @inline(__always)
    private mutating func stuffed() -> Int {
        if index == count {
            let got = dalloc_agent_port_spool_read(store, offset, dalloc_agent_port_spool_buffer_size())
            if got <= 0 { return got == 0 ? Self.spoolEnd : Self.failure }
            (index, count) = (0, Int(got))
        }
        let byte = dalloc_agent_port_spool_buffer(store)[index]
        index &+= 1
        offset &+= 1
        return Int(byte)
    }
}
