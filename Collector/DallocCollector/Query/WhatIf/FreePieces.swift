// SPDX-License-Identifier: Apache-2.0
//
// The free pieces of a heap, in the order of their addresses or of their sizes, in rows of some dozen. With ten thousand pieces, a search
// looks at about two hundred rows and into one of them.

struct FreePieces: Sendable {
    enum Order: Sendable {
        case address
        /// And by address among equals.
        case size
    }

    private struct Entry: Sendable {
        /// What they are sorted by; no two have the same.
        var key: UInt64
        var size: UInt32
        var piece: UInt32
    }

    private static let mostInRow = 128

    private let order: Order
    /// None is empty.
    private var rows: [[Entry]] = []
    /// The key of each row's first entry.
    private var firstKeys: [UInt64] = []
    /// The largest size in each row.
    private var largest: [UInt32] = []

    init(by order: Order) { self.order = order }

    private func key(_ piece: HeapPieces.Piece) -> UInt64 {
        let offset = UInt64(truncatingIfNeeded: piece.offset)
        return order == .address ? offset : UInt64(truncatingIfNeeded: piece.size) << 32 | offset
    }

    mutating func insert(_ piece: HeapPieces.Piece, _ number: UInt32) {
        // Offsets and sizes are below 2^32, as the heap's is.
        let entry = Entry(key: key(piece), size: UInt32(truncatingIfNeeded: piece.size), piece: number)
        guard !rows.isEmpty else {
            rows.append([entry])
            firstKeys.append(entry.key)
            largest.append(entry.size)
            return
        }
        let row = max(rowAfter(entry.key) - 1, 0)
        let place = placeNotBefore(entry.key, row)
        rows[row].insert(entry, at: place)
        if place == 0 { firstKeys[row] = entry.key }
        largest[row] = max(largest[row], entry.size)
        if rows[row].count > Self.mostInRow { divide(row) }
    }

    mutating func remove(_ piece: HeapPieces.Piece) {
        let key = key(piece)
        let row = rowAfter(key) - 1
        let place = placeNotBefore(key, row)
        assert(rows[row][place].key == key, "a free piece is among them")
        let gone = rows[row].remove(at: place)
        if rows[row].isEmpty {
            removeRow(row)
        } else {
            if place == 0 { firstKeys[row] = rows[row][0].key }
            if gone.size == largest[row] { measure(row) }
            // So that rows can't become many that have few.
            for other in [row, row - 1] where other >= 0 && other + 1 < rows.count {
                if rows[other].count + rows[other + 1].count <= Self.mostInRow / 2 { return unite(other) }
            }
        }
    }

    /// The first piece in this order that has `size` bytes or more: with ``Order/address`` that is the first fit, with ``Order/size``
    /// the best fit.
    func first(ofSize size: Int) -> UInt32? {
        if order == .size { return smallest(ofSize: size) }
        for row in rows.indices where Int(largest[row]) >= size {
            return rows[row].first { Int($0.size) >= size }?.piece
        }
        return nil
    }

    /// The largest size; 0 when there is none.
    var largestSize: Int {
        Int((order == .size ? largest.last : largest.max()) ?? 0)
    }

    private func smallest(ofSize size: Int) -> UInt32? {
        guard size <= largestSize else { return nil }
        let key = UInt64(truncatingIfNeeded: size) << 32
        let row = max(rowAfter(key) - 1, 0)
        let place = placeNotBefore(key, row)
        return place < rows[row].count ? rows[row][place].piece : rows[row + 1][0].piece
    }

    /// The first row that begins after `key`.
    private func rowAfter(_ key: UInt64) -> Int {
        var (low, high) = (0, firstKeys.count)
        while low < high {
            let middle = (low + high) / 2
            if firstKeys[middle] <= key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The first place in a row that is not before `key`.
    private func placeNotBefore(_ key: UInt64, _ row: Int) -> Int {
        var (low, high) = (0, rows[row].count)
        while low < high {
            let middle = (low + high) / 2
            if rows[row][middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func measure(_ row: Int) {
        var most: UInt32 = 0
        for entry in rows[row] { most = max(most, entry.size) }
        largest[row] = most
    }

    private mutating func divide(_ row: Int) {
        let half = rows[row].count / 2
        rows.insert(Array(rows[row][half...]), at: row + 1)
        rows[row].removeLast(rows[row].count - half)
        firstKeys.insert(rows[row + 1][0].key, at: row + 1)
        largest.insert(0, at: row + 1)
        measure(row)
        measure(row + 1)
    }

    private mutating func unite(_ row: Int) {
        rows[row] += rows[row + 1]
        largest[row] = max(largest[row], largest[row + 1])
        removeRow(row + 1)
    }

    private mutating func removeRow(_ row: Int) {
        rows.remove(at: row)
        firstKeys.remove(at: row)
        largest.remove(at: row)
    }
}
