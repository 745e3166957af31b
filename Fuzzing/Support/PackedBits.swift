// SPDX-License-Identifier: Apache-2.0
//
// What is packed in bits, as schema/wire.md says, and nothing of the codec: numbers that are read, changed and written again.

struct PackedBits {
    private var bits: [Bool] = []
    private var place = 0
    /// See "ticks" in schema/wire.md.
    private var rate: UInt64 = 4

    init() {}

    init(_ bytes: some Sequence<UInt8>) {
        bits = bytes.flatMap { byte in (0..<8).map { byte >> $0 & 1 == 1 } }
    }

    var isAtEnd: Bool { bits.count - place < 8 && !bits[place...].contains(true) }

    /// Zeros fill the last byte.
    var bytes: [UInt8] {
        stride(from: 0, to: bits.count, by: 8).map { start in
            (0..<8).reduce(0) { $0 | (start + $1 < bits.count && bits[start + $1] ? 1 << $1 : 0) }
        }
    }

    // MARK: Reading; zeros after the end

    mutating func number(_ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count {
            if place < bits.count, bits[place], index < 64 { value |= 1 << UInt64(index) }
            place += 1
        }
        return value
    }

    mutating func zeros(_ most: Int) -> Int {
        var zeros = 0
        while zeros < most, number(1) == 0 { zeros += 1 }
        return zeros
    }

    mutating func size() -> UInt64 {
        var power = Int(number(3)) + 3
        if power == 10 {
            power += Int(number(2))
            if power == 13 { power = Int(number(5)) }
        }
        return 1 << UInt64(power) + number(power)
    }

    mutating func depth() -> UInt64 {
        let power = zeros(15) + 2
        return 1 << UInt64(power) + number(power) - 4
    }

    mutating func ticks() -> UInt64 {
        let (power, quotient) = (rate / 4, zeros(6))
        if quotient < 6 {
            follow(UInt64(quotient))
            return UInt64(quotient) << power + number(Int(power))
        }
        let length = Int(number(5))
        rate = min(4 * UInt64(length), 63)
        return 1 << UInt64(length) + number(length)
    }

    private mutating func follow(_ quotient: UInt64) {
        rate = min(max(rate + quotient, 1) - 1, 63)
    }

    // MARK: Writing; numbers beyond what a field can say are cut off

    mutating func write(_ value: UInt64, _ count: Int) {
        for index in 0..<count { bits.append(index < 64 && value >> UInt64(index) & 1 == 1) }
    }

    mutating func write(zeros: Int, of most: Int) {
        for _ in 0..<min(zeros, most) { bits.append(false) }
        if zeros < most { bits.append(true) }
    }

    private static func power(_ value: UInt64) -> Int { 63 - max(value, 1).leadingZeroBitCount }

    mutating func write(size: UInt64) {
        let power = Self.power(size) & 31
        switch power {
        case 3...9: write(UInt64(power - 3), 3)
        case 10...12: write(7 | UInt64(power - 10) << 3, 5)
        default: write(0b1_1111 | UInt64(power) << 5, 10)
        }
        write(size, power)
    }

    mutating func write(depth: UInt64) {
        let number = depth &+ 4
        let power = min(max(Self.power(number), 2), 17)
        write(zeros: power - 2, of: 15)
        write(number, power)
    }

    mutating func write(ticks: UInt64) {
        let power = rate / 4
        let quotient = ticks >> power
        if quotient < 6 {
            write(zeros: Int(quotient), of: 6)
            write(ticks, Int(power))
            follow(quotient)
        } else {
            let length = Self.power(ticks) & 31
            write(zeros: 6, of: 6)
            write(UInt64(length), 5)
            write(ticks, length)
            rate = min(4 * UInt64(length), 63)
        }
    }
}
