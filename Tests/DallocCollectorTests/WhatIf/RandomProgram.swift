// SPDX-License-Identifier: Apache-2.0
//
// What a program might do with a heap: it fills it up, frees some, resizes some, and seldom starts over. The one who does it says
// which blocks there are.

import TestSupport

struct RandomProgram {
    enum Step {
        case allocate(UInt32)
        case free(Int)
        case resize(Int, UInt32)
        case reset
    }

    private var random: SeededRandom
    private let largest: Int
    /// It frees more than it allocates.
    private var isEmptying = false

    init(seed: UInt64, largest: Int) {
        random = SeededRandom(seed: seed)
        self.largest = largest
    }

    /// - Parameter live: how many blocks there are.
    mutating func next(live: Int) -> Step {
        if random.once(in: 60) { isEmptying.toggle() }
        let choice = random.below(100)
        if live == 0 || choice < (isEmptying ? 30 : 55) { return .allocate(size()) }
        if choice < 80 { return .free(random.below(live)) }
        if random.once(in: 2000) { return .reset }
        return .resize(random.below(live), size())
    }

    /// Mostly small; seldom 0, seldom larger than any heap.
    private mutating func size() -> UInt32 {
        if random.once(in: 200) { return random.once(in: 2) ? 0 : UInt32.max - UInt32(random.below(64)) }
        let limit = random.once(in: 8) ? largest * 4 : largest
        return UInt32(1 + random.below(limit))
    }
}
