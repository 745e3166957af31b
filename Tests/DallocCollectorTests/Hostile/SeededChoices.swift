// SPDX-License-Identifier: Apache-2.0
//
// Random choices that come again with the same seed.

@testable import FuzzModels

struct SeededChoices: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64, by Sebastiano Vigna.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ count: Int) -> Int { Int.random(in: 0..<max(count, 1), using: &self) }

    /// True once in so many times.
    mutating func once(in count: Int) -> Bool { below(count) == 0 }

    /// Bytes for a model to choose from, among which the ends of a byte's range are frequent.
    mutating func choose<Chosen>(_ body: (inout FuzzInput) -> Chosen) -> Chosen {
        let ends: [UInt8] = [0, 1, 0x7F, 0x80, 0xF8, 0xFB, 0xFF]
        var bytes: [UInt8] = []
        for _ in 0..<64 {
            bytes.append(once(in: 3) ? ends[below(ends.count)] : UInt8(truncatingIfNeeded: next()))
        }
        return bytes.withUnsafeBufferPointer { buffer in
            var input = FuzzInput(buffer)
            return body(&input)
        }
    }
}
