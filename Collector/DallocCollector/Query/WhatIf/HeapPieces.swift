// SPDX-License-Identifier: Apache-2.0
//
// A heap cut into pieces, each free or in use, that follow one another without a byte between them. Each knows its neighbours, which is
// what boundary tags are for (D. E. Knuth, The Art of Computer Programming, vol. 1, section 2.5).

struct HeapPieces: Sendable {
    struct Piece: Sendable {
        /// Bytes from the heap's base.
        var offset: Int
        /// Bytes, header included.
        var size: Int
        var isFree: Bool
        fileprivate var before: UInt32
        fileprivate var after: UInt32
    }

    private static let none = UInt32.max

    /// By number. Numbers of pieces that have been joined to others are used again.
    private var pieces: [Piece] = []
    private var freeNumbers: [UInt32] = []

    /// One free piece of `size` bytes, number 0; none when that is 0.
    init(size: Int) {
        guard size > 0 else { return }
        pieces.append(Piece(offset: 0, size: size, isFree: true, before: Self.none, after: Self.none))
    }

    subscript(number: UInt32) -> Piece { pieces[Int(number)] }

    mutating func setFree(_ number: UInt32, _ isFree: Bool) { pieces[Int(number)].isFree = isFree }

    /// The free piece before this one.
    func freeBefore(_ number: UInt32) -> UInt32? { ifFree(pieces[Int(number)].before) }

    /// The free piece after this one.
    func freeAfter(_ number: UInt32) -> UInt32? { ifFree(pieces[Int(number)].after) }

    private func ifFree(_ number: UInt32) -> UInt32? {
        number != Self.none && pieces[Int(number)].isFree ? number : nil
    }

    /// Cuts a piece after `size` bytes. Returns the rest, which is free.
    mutating func cut(_ number: UInt32, after size: Int) -> UInt32 {
        let whole = pieces[Int(number)]
        assert(size > 0 && size < whole.size, "a piece has bytes")
        let rest = Piece(
            offset: whole.offset + size, size: whole.size - size, isFree: true, before: number, after: whole.after)
        let restNumber = freeNumbers.popLast() ?? UInt32(truncatingIfNeeded: pieces.count)
        if Int(restNumber) == pieces.count { pieces.append(rest) } else { pieces[Int(restNumber)] = rest }
        if whole.after != Self.none { pieces[Int(whole.after)].before = restNumber }
        pieces[Int(number)].size = size
        pieces[Int(number)].after = restNumber
        return restNumber
    }

    /// Joins the piece after this one to it; its number is free then.
    mutating func joinAfter(_ number: UInt32) {
        let gone = pieces[Int(number)].after
        assert(gone != Self.none, "there is a piece after it")
        let after = pieces[Int(gone)].after
        pieces[Int(number)].size += pieces[Int(gone)].size
        pieces[Int(number)].after = after
        if after != Self.none { pieces[Int(after)].before = number }
        freeNumbers.append(gone)
    }

    /// All pieces in the order of their addresses.
    var inOrder: [Piece] {
        var all: [Piece] = []
        // The first piece is never joined to another, so it keeps its number.
        var number: UInt32 = pieces.isEmpty ? Self.none : 0
        while number != Self.none {
            all.append(pieces[Int(number)])
            number = pieces[Int(number)].after
        }
        return all
    }
}
