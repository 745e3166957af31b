// SPDX-License-Identifier: Apache-2.0
//
// Numbers that look random and are the same for the same seed on every machine: xoshiro256** by Blackman and Vigna,
// seeded by SplitMix64. Integers only, so no mathematics library has a say.

struct SeededRandom {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    init(seed: UInt64) {
        var mixer = seed
        func next() -> UInt64 {
            mixer &+= 0x9E37_79B9_7F4A_7C15
            var value = mixer
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
        state = (next(), next(), next(), next())
    }

    mutating func next() -> UInt64 {
        func rotate(_ value: UInt64, _ by: UInt64) -> UInt64 { value << by | value >> (64 - by) }
        let result = rotate(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotate(state.3, 45)
        return result
    }

    /// 0 to `bound` - 1, for bounds far below 2^32.
    mutating func below(_ bound: Int) -> Int { Int(((next() >> 32) &* UInt64(bound)) >> 32) }

    /// 8 to 1023 bytes, small ones more often.
    mutating func smallSize() -> UInt32 {
        let exponent = 3 + min(below(7), below(7))
        return UInt32(1 << exponent + below(1 << exponent))
    }

    /// An exponential variate with the given mean, by von Neumann's comparisons: the length of a falling run of uniform
    /// numbers decides whether the first of them is the fraction, or the next whole is tried.
    mutating func exponential(mean: UInt64) -> UInt64 {
        var whole: UInt64 = 0
        while true {
            let first = next() >> 32
            var last = first
            var run = 1
            while true {
                let number = next() >> 32
                if number >= last { break }
                last = number
                run += 1
            }
            if run % 2 == 1 { return whole &* mean &+ ((first &* mean) >> 32) }
            whole += 1
        }
    }
}
