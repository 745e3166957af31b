// SPDX-License-Identifier: Apache-2.0
//
// The fields at the beginning of a frame, as its bytes come: which boot a HELLO is of, which number another frame has.

internal import HeapWire

struct SpoolHeader {
    private(set) var type: UInt8 = 0
    /// Fields that are over, the type included.
    private(set) var fields: UInt8 = 0
    /// The boot, or the sequence number.
    private(set) var number: UInt32 = 0
    private var value: UInt32 = 0
    private var shift: UInt32 = 0
    /// Bytes left in a text.
    private var textRest: UInt32 = 0

    /// HELLO's `oldest` comes after so many fields. What follows it is not looked at.
    static var oldest: UInt8 { 8 }

    var isHello: Bool { type == FrameType.hello.rawValue }
    var isState: Bool {
        let type = FrameType(first: type)
        return type == .keyframe || type == .delta
    }

    @inline(never)
    mutating func feed(_ byte: UInt8) {
        guard fields <= Self.oldest else { return }
        if textRest > 0 {
            textRest &-= 1
            return
        }
        if fields == 0 {
            type = byte
        } else {
            // Of longer numbers the low bits are enough: none of them is looked at.
            if shift < 32 { value |= UInt32(byte & 0x7F) &<< shift }
            shift &+= 7
            guard byte < 0x80 else { return }
            take(value)
            (value, shift) = (0, 0)
        }
        fields &+= 1
    }

    /// A number is over.
    @inline(__always)
    private mutating func take(_ value: UInt32) {
        guard isHello else {
            if fields == 1 { number = value }
            return
        }
        switch fields {
        // What another version says is left alone.
        case 1: if value != WireLimits.version { type = 0 }
        case 3, 4: textRest = value
        case 5: number = value
        default: break
        }
    }
}
