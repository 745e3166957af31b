// SPDX-License-Identifier: Apache-2.0
//
// A model of TLSF (M. Masmano, I. Ripoll, A. Crespo, J. Real, "TLSF: a new dynamic memory allocator for real-time systems",
// ECRTS 2004), in the form of github.com/mattconte/tlsf, which much firmware has: 32 second-level lists; a header of one word,
// because the pointer to the block before stands in that block's last word, only while it is free; so a block's least size is
// three words. A search begins at the first list that has no block too small (good fit), takes the block that came to it last,
// and leaves larger ones of the list before alone. What is left is cut off when it is four words or more. A free joins its
// block with both neighbours. A resize shrinks a block where it is, grows it into the free one after it, and copies otherwise.
// The heap also has the table of lists, two words for its ends, and blocks are aligned to a word, whatever the recorded heap's
// alignment.
//
// It leaves out: aligned allocation, more than one pool, and the limit of 2^30 bytes a block with pointers of 32 bits. Variants
// differ: some take fewer lists for a small heap (set `controlBytes`), or larger alignment.

struct TwoLevelSegregatedFitHeap: HeapModel {
    let size: UInt32
    let mostBlocks: UInt32? = nil
    private let word: Int
    /// Bytes that pieces can have together.
    private let room: Int
    private let classes: SizeClasses
    private var pieces: HeapPieces
    private var lists: SegregatedLists
    /// For nothing but the size of the largest one.
    private var sizes = FreePieces(by: .size)
    private var blocks = PlacedBlocks()
    private(set) var used = 0
    private(set) var peakUsed = 0
    private(set) var bytesMoved = 0

    /// - Parameters:
    ///   - size: bytes of the heap.
    ///   - pointerWidth: bytes of a pointer on the device, 4 or 8.
    ///   - controlBytes: bytes that the lists take from the heap; nil: as many as in mattconte/tlsf; 0: they are elsewhere.
    init(size: UInt32, pointerWidth: UInt32 = 4, controlBytes: UInt32? = nil) {
        self.size = size
        word = Int(pointerWidth)
        classes = SizeClasses(word: word.trailingZeroBitCount)
        // A header, what the allocator says can be in blocks, and no header of the end.
        let control = controlBytes.map(Int.init) ?? Self.controlBytes(word)
        let payload = max(Int(size) - control - 2 * word, 0).rounded(downTo: word)
        room = payload >= 3 * word ? payload + word : 0
        pieces = HeapPieces(size: room)
        lists = SegregatedLists(classes)
        addAll()
    }

    /// A null block, the bitmaps, and the heads of lists for blocks of up to 2^30 or, with pointers of 64 bits, 2^32 bytes.
    private static func controlBytes(_ word: Int) -> Int {
        let firsts = word == 4 ? 24 : 25
        return (4 * word + 4 + 4 * firsts).rounded(upTo: word) + 32 * firsts * word
    }

    private mutating func addAll() {
        if room > 0 { insert(0) }
    }

    var liveBlocks: Int { blocks.count }
    var fixedOverhead: Int { Int(size) - room }
    var largestFreeBlock: Int { sizes.largestSize }
    /// Less than the largest block may have: a search for its very size begins at the list after its own.
    var largestAllocation: Int {
        largestFreeBlock > 0 ? classes.least(of: classes.list(of: largestFreeBlock - word)) : 0
    }

    mutating func allocate(size: UInt32) -> BlockHandle? {
        take(size).map { blocks.add(PlacedBlocks.Block(piece: $0, size: size)) }
    }

    mutating func free(_ block: BlockHandle) {
        giveBack(blocks.remove(block).piece)
    }

    mutating func resize(_ block: BlockHandle, to size: UInt32) -> Bool {
        guard size > 0 else { return false }
        let (piece, wanted) = (blocks[block].piece, bytes(size))
        let old = pieces[piece].size
        if wanted > old {
            guard let after = pieces.freeAfter(piece), old + pieces[after].size >= wanted else {
                return resizeByCopy(block, to: size)
            }
            remove(after)
            pieces.joinAfter(piece)
            used += pieces[piece].size - old
        }
        blocks[block].size = size
        cut(piece, to: wanted)
        peakUsed = max(peakUsed, used)
        return true
    }

    mutating func reset() {
        (pieces, lists, sizes) = (HeapPieces(size: room), SegregatedLists(classes), FreePieces(by: .size))
        blocks = PlacedBlocks()
        used = 0
        addAll()
    }

    func exceedsFree(_ size: UInt32, resizing block: BlockHandle?) -> Bool {
        bytes(size) > free + (block.map { place($0).size } ?? 0)
    }

    /// Where a block is, its header included, and how many bytes it takes.
    func place(_ block: BlockHandle) -> HeapPieces.Piece { pieces[blocks[block].piece] }

    /// All pieces in the order of their addresses.
    var allPieces: [HeapPieces.Piece] { pieces.inOrder }

    /// Bytes that a block takes, header and padding included.
    private func bytes(_ size: UInt32) -> Int {
        max(Int(size).rounded(upTo: word), 3 * word) + word
    }

    /// Copies all that the old piece has room for, not only what was asked for.
    private mutating func resizeByCopy(_ block: BlockHandle, to size: UInt32) -> Bool {
        guard let piece = take(size) else { return false }
        let old = blocks[block].piece
        // 2^31 operations can't copy more bytes than an Int holds.
        bytesMoved &+= min(pieces[old].size - word, Int(size))
        giveBack(old)
        blocks[block] = PlacedBlocks.Block(piece: piece, size: size)
        return true
    }

    private mutating func take(_ size: UInt32) -> UInt32? {
        let wanted = bytes(size)
        guard size > 0, let piece = lists.first(ofSize: wanted - word) else { return nil }
        remove(piece)
        pieces.setFree(piece, false)
        used += pieces[piece].size
        cut(piece, to: wanted)
        peakUsed = max(peakUsed, used)
        return piece
    }

    /// Frees what a piece in use has beyond `wanted` bytes, if that is enough for a piece.
    private mutating func cut(_ piece: UInt32, to wanted: Int) {
        guard pieces[piece].size - wanted >= 4 * word else { return }
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
        if let before = pieces.freeBefore(piece) {
            remove(before)
            pieces.joinAfter(before)
            piece = before
        }
        if let after = pieces.freeAfter(piece) {
            remove(after)
            pieces.joinAfter(piece)
        }
        insert(piece)
    }

    private mutating func insert(_ piece: UInt32) {
        lists.insert(piece, size: pieces[piece].size - word)
        sizes.insert(pieces[piece], piece)
    }

    private mutating func remove(_ piece: UInt32) {
        lists.remove(piece, size: pieces[piece].size - word)
        sizes.remove(pieces[piece])
    }
}
