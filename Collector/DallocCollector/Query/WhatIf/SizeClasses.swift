// SPDX-License-Identifier: Apache-2.0
//
// The lists in which TLSF keeps free blocks: a first level by powers of two, each divided into equal second-level lists (M. Masmano,
// I. Ripoll, A. Crespo, J. Real, "TLSF: a new dynamic memory allocator for real-time systems", ECRTS 2004: f is the binary
// logarithm of the size rounded down, s the number of the part of [2^f, 2^(f+1)) that it is in). As in github.com/mattconte/tlsf, sizes
// that are too small for that many different parts share one first-level list.

struct SizeClasses: Sendable {
    struct Class: Equatable, Sendable {
        var first: Int
        var second: Int
    }

    /// Binary logarithm of how many second-level lists a first-level list has.
    let divisions: Int
    /// Binary logarithm of the least size that has a first-level list of its own power.
    let smallest: Int

    /// - Parameters:
    ///   - divisions: binary logarithm of how many second-level lists a first-level list has; at most 5.
    ///   - word: binary logarithm of what all sizes are multiples of.
    init(divisions: Int = 5, word: Int) {
        (self.divisions, smallest) = (divisions, divisions + word)
    }

    /// First-level lists that sizes up to 2^32 need.
    var firsts: Int { 34 - smallest }

    /// The list of a free block.
    func list(of size: Int) -> Class {
        guard size >= 1 << smallest else { return Class(first: 0, second: size >> (smallest - divisions)) }
        let power = logarithm(size)
        return Class(first: power - smallest + 1, second: (size >> (power - divisions)) - (1 << divisions))
    }

    /// The first list all of whose blocks have `size` bytes or more: good fit.
    func search(_ size: Int) -> Class {
        guard size >= 1 << smallest else { return list(of: size) }
        return list(of: size + (1 << (logarithm(size) - divisions)) - 1)
    }

    /// The least size of a list.
    func least(of list: Class) -> Int {
        guard list.first > 0 else { return list.second << (smallest - divisions) }
        let power = list.first + smallest - 1
        return ((1 << divisions) + list.second) << (power - divisions)
    }

    private func logarithm(_ size: Int) -> Int { Int.bitWidth - 1 - size.leadingZeroBitCount }
}
