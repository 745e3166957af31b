// SPDX-License-Identifier: Apache-2.0
//
// What a bad line does to the bytes of one direction: bits flip, bytes get lost, come twice or in another order, and the connection breaks.
// Whether something happens to a byte, and what, follows from the seed, the direction and the byte's position alone, so that a run
// can be repeated; and what happens at a low rate happens at a higher one too.

struct Impairment {
    enum Fault: String, CaseIterable {
        case flip, loss, truncation, duplicate, reorder, cut
    }

    private(set) var counts: [Fault: Int] = [:]
    private let key: UInt64
    private var position: UInt64 = 0
    private var recent: [UInt8] = []
    /// Bytes that are still to be swallowed.
    private var losing = 0
    /// Bytes that go out later than those that follow them, and how many of either are still to come.
    private var held: [UInt8] = []
    private var holding = 0
    private var overtaking = 0

    /// Bytes that one fault takes at most.
    private static let longest = 32

    init(seed: UInt64, direction: UInt64) {
        key = mix(mix(seed) &+ direction)
    }

    /// Passes `bytes` on to `output`. False when the connection breaks among them; what follows is lost then.
    mutating func pass(_ bytes: ArraySlice<UInt8>, rate: Double, to output: inout [UInt8]) -> Bool {
        if rate == 0 {
            position += UInt64(bytes.count)
            release(to: &output)
            output += bytes
            return true
        }
        let threshold = UInt64(rate * 0x1p63) << 1
        for byte in bytes {
            let random = mix(key &+ position &* 0x9E37_79B9_7F4A_7C15)
            position += 1
            var byte = byte
            if random < threshold {
                let choice = mix(random)
                let length = 1 + Int(choice >> 32) % Self.longest
                let fault = Self.fault(choice)
                counts[fault, default: 0] += 1
                switch fault {
                case .flip: byte ^= 1 << UInt8(choice >> 40 & 7)
                case .loss: losing = max(losing, 1)
                case .truncation: losing = max(losing, length)
                case .duplicate: output += recent.suffix(length)
                case .reorder: if holding == 0, overtaking == 0 { (holding, overtaking) = (length, length) }
                case .cut: return false
                }
            }
            emit(byte, to: &output)
        }
        return true
    }

    /// A new connection: nothing of the last one comes any more.
    mutating func reset() {
        (losing, holding, overtaking) = (0, 0, 0)
        held = []
        recent = []
    }

    /// One fault in 200 breaks the connection; the others are equally likely.
    private static func fault(_ choice: UInt64) -> Fault {
        let number = Int(choice & 0xFFFF) % 200
        return number == 199 ? .cut : Fault.allCases[number % (Fault.allCases.count - 1)]
    }

    private mutating func emit(_ byte: UInt8, to output: inout [UInt8]) {
        if losing > 0 {
            losing -= 1
        } else if holding > 0 {
            holding -= 1
            held.append(byte)
        } else {
            output.append(byte)
            recent.append(byte)
            if recent.count > 4 * Self.longest { recent.removeFirst(3 * Self.longest) }
            if overtaking > 0 {
                overtaking -= 1
                if overtaking == 0 { release(to: &output) }
            }
        }
    }

    private mutating func release(to output: inout [UInt8]) {
        output += held
        held = []
        (losing, holding, overtaking) = (0, 0, 0)
    }
}

/// The last step of SplitMix64: every bit of the result depends on every bit of the number.
private func mix(_ number: UInt64) -> UInt64 {
    var value = number &+ 0x9E37_79B9_7F4A_7C15
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
}
