// SPDX-License-Identifier: Apache-2.0
//
// What the bytes of a line look like, whatever they mean: counts, at one speed.
//
// No sum and no product here can overflow: a line brings less than 2^23 bytes a second, so a count needs a thousand years to reach
// 2^58, and 20 times that is still below 2^63.

struct LineImpression: Equatable {
    private(set) var bytes = 0
    private(set) var zeros = 0
    /// Bytes from 0x80 on.
    private(set) var high = 0
    /// Bytes that a console sends: signs, blanks, ends of lines, escape.
    private(set) var signs = 0

    mutating func note(_ byte: UInt8) {
        bytes += 1
        switch byte {
        case 0: zeros += 1
        case 0x80...: high += 1
        case 0x20...0x7E, 0x09, 0x0A, 0x0D, 0x1B: signs += 1
        default: break
        }
    }

    /// Nine bytes of ten can be read. Of random bytes four of ten are such signs, and of those that a wrong speed makes hardly more.
    var isText: Bool { bytes >= 16 && signs * 10 >= bytes * 9 }

    /// A frame has at least six bytes before its zero. A line that is held low looks like this, and so does a speed that is far too high.
    var isHardlyMoreThanZeros: Bool { bytes >= 8 && zeros * 20 >= bytes * 19 }

    /// Half of the bytes of a checksum have their high bit.
    var lacksHighBits: Bool { bytes >= 100 && high == 0 }
}
