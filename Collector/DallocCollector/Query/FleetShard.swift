// SPDX-License-Identifier: Apache-2.0
//
// One of several parts of a fleet, so that several questions can share it. Each device is in one part, and always in the same.

struct FleetShard: Equatable, Sendable {
    /// From 1 to `count`.
    let number: UInt64
    let count: UInt64

    /// Parts at most.
    static let most: UInt64 = 1000

    /// `1/4`: the first of four. Nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Self.number(parts[0]), let count = Self.number(parts[1]), number <= count
        else { return nil }
        (self.number, self.count) = (number, count)
    }

    private static func number(_ digits: Substring) -> UInt64? {
        guard digits.utf8.first != UInt8(ascii: "0"), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = UInt64(digits), number <= most
        else { return nil }
        return number
    }

    func has(_ device: String) -> Bool {
        let (_, part) = Self.hash(device).quotientAndRemainder(dividingBy: count)
        return part == number &- 1
    }

    /// FNV-1a of 64 bits over the id's UTF-8, its upper half xored into the lower one: http://www.isthe.com/chongo/tech/comp/fnv/.
    /// Changing it moves devices between the scrape jobs of whoever uses shards.
    static func hash(_ device: String) -> UInt64 {
        // A hash wraps around by its nature.
        let hash = device.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return hash ^ hash >> 32
    }
}
