// SPDX-License-Identifier: Apache-2.0
//
// A frame in the spool. Nothing is believed before its checksum was right: a reset cuts frames off, and flash ages.

internal import CDallocAgent
internal import HeapWire

struct SpoolFrame {
    enum Kind {
        /// A HELLO; `number` is its boot.
        case hello
        /// A KEYFRAME or DELTA.
        case state
        /// A zero between frames.
        case zero
        case damaged
        /// The spool ends here.
        case end
        /// It can't be read now.
        case failure
    }

    let kind: Kind
    /// As it is in the spool, with the zero that ends it.
    let bytes: UInt32
    let number: UInt32
    let payload: UInt32

    /// Where no zero is for so long, there is no frame: the longest one is shorter.
    private static var mostBytes: UInt32 { 4608 }
    /// What CRC-32 makes of any bytes and their CRC-32.
    private static var residue: UInt32 { 0x2144_DF1C }

    @inline(never)
    init(_ store: SpoolPointer, at start: UInt32) {
        var (cursor, header, checksum) = (SpoolCursor(store, at: start), SpoolHeader(), CRC32())
        var (count, end) = (UInt32(0), 0)
        while cursor.offset &- start < Self.mostBytes {
            let byte = cursor.next()
            guard byte >= 0 else {
                end = byte
                break
            }
            header.feed(UInt8(truncatingIfNeeded: byte))
            checksum.add(UInt8(truncatingIfNeeded: byte))
            count &+= 1
        }
        bytes = cursor.offset &- start
        number = header.number
        payload = count &- 4
        let isSound =
            end == SpoolCursor.frameEnd && cursor.blockRest == 0 && count > 4 && checksum.value == Self.residue
        if end == SpoolCursor.failure {
            kind = .failure
        } else if bytes == 0 {
            kind = .end
        } else if isSound, header.isHello {
            kind = .hello
        } else if isSound, header.isState {
            kind = .state
        } else {
            kind = bytes == 1 && end == SpoolCursor.frameEnd ? .zero : .damaged
        }
    }
}
