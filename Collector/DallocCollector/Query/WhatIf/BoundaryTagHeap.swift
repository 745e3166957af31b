// SPDX-License-Identifier: Apache-2.0
//
// What the models of allocators with one list of free blocks have in common: a block takes its size and a header, rounded up; it gets the
// low end of a free piece, whose rest stays free when it is large enough and is wasted otherwise; a free joins it with free neighbours.

struct BoundaryTagHeap: Sendable {
    struct Rules: Sendable {
        /// Which free piece a block gets: the first that fits in this order.
        var order: FreePieces.Order
        /// Of pieces: a power of two.
        var alignment: Int
        /// Bytes before a block, a multiple of the alignment.
        var header: Int
        /// The least bytes of a piece, header included.
        var leastPiece: Int
        /// The least bytes that are cut off.
        var leastRest: Int
        /// The most bytes of a piece that is in use.
        var mostBytes: Int
    }

    private let rules: Rules
    /// Bytes that pieces can have together.
    let room: Int
    private var pieces: HeapPieces
    private var freePieces: FreePieces
    private var blocks = PlacedBlocks()
    private(set) var used = 0
    private(set) var peakUsed = 0
    private(set) var bytesMoved = 0

    /// - Parameter room: bytes for pieces, a multiple of the alignment. When they are too few for one, there is none.
    init(_ rules: Rules, room: Int) {
        assert(
            rules.header % rules.alignment == 0 && rules.leastRest >= rules.leastPiece && room % rules.alignment == 0)
        (self.rules, self.room) = (rules, room >= rules.leastPiece ? room : 0)
        pieces = HeapPieces(size: self.room)
        freePieces = FreePieces(by: rules.order)
        addAll()
    }

    /// A heap in which a piece has two tags, and a free one two links as well, all of half the header and aligned to as much.
    init(by order: FreePieces.Order, size: UInt32, alignment: UInt32, header: UInt32) {
        let alignment = max(Int(alignment), Int(header) / 2)
        let taggedHeader = Int(header).rounded(upTo: alignment)
        let leastPiece = (taggedHeader + Int(header)).rounded(upTo: alignment)
        let rules = Rules(
            order: order, alignment: alignment, header: taggedHeader, leastPiece: leastPiece, leastRest: leastPiece,
            mostBytes: Int.max)
        self.init(rules, room: Int(size).rounded(downTo: alignment))
    }

    private mutating func addAll() {
        if room > 0 { freePieces.insert(pieces[0], 0) }
    }

    var liveBlocks: Int { blocks.count }
    var free: Int { room - used }
    var largestFreeBlock: Int { freePieces.largestSize }
    var largestAllocation: Int { max(min(largestFreeBlock, rules.mostBytes) - rules.header, 0) }

    /// Bytes that a block takes, header and padding included.
    func bytes(_ size: UInt32) -> Int {
        max((rules.header + Int(size)).rounded(upTo: rules.alignment), rules.leastPiece)
    }

    mutating func allocate(size: UInt32) -> BlockHandle? {
        take(size).map { blocks.add(PlacedBlocks.Block(piece: $0, size: size)) }
    }

    mutating func free(_ block: BlockHandle) {
        giveBack(blocks.remove(block).piece)
    }

    /// Shrinks a block where it is, and grows it there when a free piece after it is large enough.
    mutating func resizeInPlace(_ block: BlockHandle, to size: UInt32) -> Bool {
        let (piece, wanted) = (blocks[block].piece, bytes(size))
        guard size > 0, wanted <= rules.mostBytes else { return false }
        let old = pieces[piece].size
        if wanted > old {
            guard let after = pieces.freeAfter(piece), old + pieces[after].size >= wanted else { return false }
            freePieces.remove(pieces[after])
            pieces.joinAfter(piece)
            used += pieces[piece].size - old
        }
        blocks[block].size = size
        cut(piece, to: wanted)
        peakUsed = max(peakUsed, used)
        return true
    }

    /// Allocates a new piece, copies, and frees the old one, as programs do it where nothing else is possible.
    mutating func resizeByCopy(_ block: BlockHandle, to size: UInt32) -> Bool {
        guard let piece = take(size) else { return false }
        let old = blocks[block]
        // 2^31 operations can't copy more bytes than an Int holds.
        bytesMoved &+= Int(min(old.size, size))
        giveBack(old.piece)
        blocks[block] = PlacedBlocks.Block(piece: piece, size: size)
        return true
    }

    /// As ``HeapModel/exceedsFree(_:resizing:)``. The bytes of a block that is to be resized count as free: in one piece with the others,
    /// they would do for a block that grows where it is.
    func exceedsFree(_ size: UInt32, resizing block: BlockHandle?) -> Bool {
        let wanted = bytes(size)
        return wanted > rules.mostBytes || wanted > free + (block.map { place($0).size } ?? 0)
    }

    mutating func reset() {
        (pieces, freePieces, blocks) = (HeapPieces(size: room), FreePieces(by: rules.order), PlacedBlocks())
        used = 0
        addAll()
    }

    /// Where a block is, its header included, and how many bytes it takes.
    func place(_ block: BlockHandle) -> HeapPieces.Piece { pieces[blocks[block].piece] }

    /// All pieces in the order of their addresses.
    var allPieces: [HeapPieces.Piece] { pieces.inOrder }

    private mutating func take(_ size: UInt32) -> UInt32? {
        let wanted = bytes(size)
        guard size > 0, wanted <= rules.mostBytes, let piece = freePieces.first(ofSize: wanted) else { return nil }
        freePieces.remove(pieces[piece])
        pieces.setFree(piece, false)
        used += pieces[piece].size
        cut(piece, to: wanted)
        peakUsed = max(peakUsed, used)
        return piece
    }

    /// Frees what a piece in use has beyond `wanted` bytes, if that is enough for a piece.
    private mutating func cut(_ piece: UInt32, to wanted: Int) {
        guard pieces[piece].size - wanted >= rules.leastRest else { return }
        let rest = pieces.cut(piece, after: wanted)
        used -= pieces[rest].size
        joinAndInsert(rest)
    }

    private mutating func giveBack(_ piece: UInt32) {
        used -= pieces[piece].size
        pieces.setFree(piece, true)
        joinAndInsert(piece)
    }

    /// Joins a free piece with its free neighbours.
    private mutating func joinAndInsert(_ piece: UInt32) {
        var piece = piece
        if let after = pieces.freeAfter(piece) {
            freePieces.remove(pieces[after])
            pieces.joinAfter(piece)
        }
        if let before = pieces.freeBefore(piece) {
            freePieces.remove(pieces[before])
            pieces.joinAfter(before)
            piece = before
        }
        freePieces.insert(pieces[piece], piece)
    }
}
