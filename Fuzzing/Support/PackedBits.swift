// SPDX-License-Identifier: Apache-2.0
//
// What is packed in bits, as schema/wire.md says, and nothing of the codec: numbers that are read, changed and written again.

struct PackedBits {
    private var bits: [Bool] = []
    private var place = 0
    /// See "ticks" in schema/wire.md.
    private var rate: UInt64 = 4
    /// See "depth": eight times the bits of one that is not near.
    private var eighths = 55
    /// See "owner": distances since an owner of another form.
    private var distances = 0

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
        while number(1) == 0 {
            let width = eighths / 8
            let rest = number(width)
            if widens(rest) { continue }
            return rest + 4
        }
        return number(2)
    }

    /// Whether the depth is written once more, with one bit more; follows one that is not.
    private mutating func widens(_ rest: UInt64) -> Bool {
        let ones = UInt64(1) << (eighths / 8) - 1
        if rest >= ones, eighths < 16 * 8 {
            eighths += 8
            return true
        }
        eighths = rest * 2 < ones ? eighths - 1 : eighths | 7
        return false
    }

    /// The zeros that an owner begins with, and whether it is a distance, of which a number follows.
    mutating func owner() -> (zeros: UInt64, isDistance: Bool) {
        let zeros = zeros(6)
        let isDistance = zeros < 5 && zeros != distances
        distances = isDistance ? min(distances + 1, 3) : 0
        return (UInt64(zeros), isDistance)
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
        if depth < 4 { return write(1 | depth << 1, 3) }
        while true {
            let width = eighths / 8
            let rest = min(depth - 4, UInt64(1) << width - 1)
            write(rest << 1, width + 1)
            if !widens(rest) { return }
        }
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
