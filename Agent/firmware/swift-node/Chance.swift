// SPDX-License-Identifier: Apache-2.0
//
// Chance for the workload: the same for the same seed.

/// xorshift32 (Marsaglia, Xorshift RNGs, 2003).
struct Chance {
    private var state: UInt32

    init(seed: UInt32) { state = seed | 1 }

    /// 0 to `limit` - 1.
    mutating func below(_ limit: UInt32) -> UInt32 {
        state ^= state &<< 13
        state ^= state &>> 17
        state ^= state &<< 5
        return (state &>> 8) % limit
    }
}
