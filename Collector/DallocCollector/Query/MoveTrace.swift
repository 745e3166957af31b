// SPDX-License-Identifier: Apache-2.0
//
// The moves that a search has found, the latest up to a limit, in a quarter of the memory of ``Move``: a hundred clients may be
// reading such answers at a time. When a free moves 65,535 blocks, only those are kept that the answer has room for.

internal import HeapHistory
internal import HeapReplica
internal import HeapWire

struct MoveTrace: Sendable {
    /// What moved blocks.
    private struct Cause {
        var time: Timestamp
        var distance: Int64
        /// 0: unknown.
        var allocation: UInt64
        /// 0: none.
        var owner: UInt64
        var sequence: UInt32
        var place: UInt32
        var index: UInt32
        var offset: UInt64
        var size: UInt32
        var operation: MoveCause.Operation
    }

    private struct Block {
        /// 0: unknown.
        var allocation: UInt64
        var offset: UInt64
        /// The number of its cause.
        var cause: UInt32
        var bytes: UInt32
    }

    /// A heap in one boot.
    private struct Place {
        var boot: UInt32
        var baseAddress: UInt64
    }

    private let limit: Int
    private var places: [Place] = []
    private var causes: [Cause] = []
    /// The number of the first one that is still there.
    private var firstCause: UInt32 = 0
    private var blocks: [Block] = []
    /// There were more.
    private(set) var isTruncated = false

    init(limit: Int) { self.limit = limit }

    /// What it takes in memory.
    var bytes: Int { causes.count * MemoryLayout<Cause>.stride + blocks.count * MemoryLayout<Block>.stride }

    /// Moves that are added from here on are of this heap.
    mutating func begin(_ heap: HeapRow) {
        places.append(Place(boot: heap.boot, baseAddress: heap.layout.baseAddress))
    }

    /// Adds what `operation` is about to move in `table`. Returns how many blocks were looked at.
    mutating func add(
        _ relocation: Relocation, by operation: Operation, in table: ReplicaTable, at time: Timestamp,
        _ sequence: UInt32
    ) -> Int {
        let kept = relocation.moved.suffix(limit)
        if kept.count < relocation.moved.count { isTruncated = true }
        let number = firstCause &+ UInt32(truncatingIfNeeded: causes.count)
        let changed = table.replica[relocation.cause]
        causes.append(
            Cause(
                time: time, distance: relocation.distance, allocation: changed.allocation, owner: changed.owner,
                sequence: sequence, place: UInt32(clamping: places.count - 1),
                index: UInt32(clamping: relocation.cause),
                offset: changed.offset, size: changed.size, operation: MoveCause.Operation(operation)))
        for index in kept {
            let block = table.replica[index]
            blocks.append(
                Block(
                    allocation: block.allocation, offset: block.offset, cause: number,
                    bytes: UInt32(clamping: table.replica.alignedSize(index))))
        }
        if blocks.count >= limit * 2 + 64 { trim() }
        return kept.count
    }

    /// Ends the search: no more moves are added.
    mutating func finish() {
        if blocks.count > limit { trim() }
    }

    private mutating func trim() {
        blocks.removeFirst(blocks.count - limit)
        isTruncated = true
        guard let first = blocks.first?.cause else { return }
        causes.removeFirst(Int(first &- firstCause))
        firstCause = first
    }
}

extension MoveTrace: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { blocks.count }

    subscript(position: Int) -> Move {
        let block = blocks[position]
        let cause = causes[Int(block.cause &- firstCause)]
        let place = places[Int(cause.place)]
        let from = place.baseAddress &+ block.offset
        return Move(
            time: cause.time, boot: place.boot, sequence: Int(cause.sequence),
            allocation: block.allocation == 0 ? nil : Int(clamping: block.allocation), from: Address(from),
            to: Address(from &+ UInt64(bitPattern: cause.distance)), bytes: Int(block.bytes),
            cause: MoveCause(
                operation: cause.operation, allocation: cause.allocation == 0 ? nil : Int(clamping: cause.allocation),
                index: Int(cause.index), address: Address(place.baseAddress &+ cause.offset),
                size: Int(cause.size), owner: cause.owner == 0 ? nil : Address(cause.owner)))
    }
}

extension MoveCause.Operation {
    fileprivate init(_ operation: Operation) {
        switch operation {
        case .resize: self = .resize
        case .compact: self = .compact
        default: self = .free
        }
    }
}
