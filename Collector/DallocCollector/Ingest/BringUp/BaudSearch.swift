// SPDX-License-Identifier: Apache-2.0
//
// In which order other speeds are tried when no frame comes at the one that was given.

struct BaudSearch {
    /// The usual ones, the most usual first.
    static let usual: [UInt32] = [
        115_200, 921_600, 9600, 57_600, 230_400, 460_800, 1_000_000, 38_400, 19_200, 500_000, 2_000_000, 1_500_000,
        3_000_000,
    ]

    /// Those that were listened at, the given one first.
    private(set) var tried: [UInt32]
    private var left: ArraySlice<UInt32>

    init(after given: UInt32) {
        tried = [given]
        left = Self.usual.filter { $0 != given }[...]
    }

    /// The speed to listen at next; nil after the last one.
    mutating func next() -> UInt32? {
        guard let baud = left.popFirst() else { return nil }
        tried.append(baud)
        return baud
    }

    /// The adapter can't do the last one.
    mutating func skip() { tried.removeLast() }
}
