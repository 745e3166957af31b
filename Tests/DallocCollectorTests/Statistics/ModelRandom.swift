// SPDX-License-Identifier: Apache-2.0

import Foundation

/// SplitMix64, and the distributions that models of groups and fleets are made of. The same numbers for the same seed.
struct ModelRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) {
        // Seeds that follow each other must not give the same numbers, only later: their states lie far apart.
        state = UInt64(truncatingIfNeeded: seed) &* 0xD134_2543_DE82_EF95 &+ 12_345
        state ^= state >> 29
        state &*= 0xBF58_476D_1CE4_E5B9
        state ^= state >> 32
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    mutating func uniform(_ low: Double = 0, _ high: Double = 1) -> Double {
        low + (high - low) * Double(next() >> 11) / 9_007_199_254_740_992
    }

    /// Evenly over the orders of magnitude.
    mutating func scale(_ low: Double, _ high: Double) -> Double {
        exp(uniform(log(low), log(high)))
    }

    mutating func normal() -> Double {
        (-2 * log(1 - uniform())).squareRoot() * cos(2 * .pi * uniform())
    }

    mutating func poisson(_ mean: Double) -> Int {
        var count = 0
        var product = uniform()
        let limit = exp(-mean)
        while product > limit {
            count += 1
            product *= uniform()
        }
        return count
    }
}
