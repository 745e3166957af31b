// SPDX-License-Identifier: Apache-2.0
//
// The replica against a model that knows only the rules of the format: a list of blocks whose addresses are summed up anew each time.

import Testing

import HeapReplica
@testable import HeapWire

/// A heap as the specification describes it, and the frames of a device that has it.
private struct Model {
    struct Block: Equatable { var size: UInt32, owner: UInt64 }

    static let base: UInt64 = 0x2000_1000
    static let layout = HeapLayout(
        existing: base, size: 4096, alignment: 4, tableSize: 100, pointerWidth: 4, traits: .none)
    var blocks: [Block] = []
    var totals = HeapTotals()
    var sequence: UInt32 = 0

    func start(_ index: Int) -> UInt64 {
        Self.base + blocks[..<index].reduce(0) { $0 + (UInt64($1.size) + 3) / 4 * 4 }
    }

    /// The owner of the block that it frees or hands over; 0 where there is none.
    func owner(before operation: Operation) -> UInt64 {
        switch operation {
        case .free(let depth),
            .reown(let depth, _) where depth < blocks.count:
            blocks[blocks.count - 1 - Int(depth)].owner
        default: 0
        }
    }

    mutating func apply(_ operation: Operation) {
        let end = start(blocks.count)
        switch operation {
        case .alloc(let size, let owner, _):
            totals.allocations += 1
            blocks.append(Block(size: size, owner: owner))
        case .free(let depth):
            let index = blocks.count - 1 - Int(depth)
            totals.frees += 1
            relocate(after: index, from: start(index + 1), end, by: Int64(start(index)) - Int64(start(index + 1)))
            blocks.remove(at: index)
        case .resize(let depth, let size):
            let index = blocks.count - 1 - Int(depth)
            let tail = start(index + 1)
            blocks[index].size = size
            let distance = Int64(start(index + 1)) - Int64(tail)
            if distance != 0 { relocate(after: index, from: tail, end, by: distance) }
        case .reown(let depth, let owner): blocks[blocks.count - 1 - Int(depth)].owner = owner
        case .orphan(let depth): blocks[blocks.count - 1 - Int(depth)].owner = 0
        case .failed: totals.failures += 1
        case .badPointer: break
        case .reset: (blocks, totals) = ([], HeapTotals())
        case .compact: Issue.record("an operation of a lazy heap")
        case .allocAt, .freeAt, .resizeAt: Issue.record("an operation of a watched heap")
        }
    }

    private mutating func relocate(after index: Int, from tail: UInt64, _ end: UInt64, by distance: Int64) {
        totals.moves += UInt64(blocks.count - 1 - index)
        totals.bytesMoved += end - tail
        for other in blocks.indices where (tail..<max(tail, end)).contains(blocks[other].owner) {
            blocks[other].owner = UInt64(Int64(blocks[other].owner) + distance)
        }
    }

    func state(lost: UInt32 = 0, spoil: UInt32 = 0) -> HeapState {
        var digest = TableDigest()
        for block in blocks { digest.add(size: block.size, owner: block.owner) }
        let used = UInt32(start(blocks.count) - Self.base)
        return HeapState(
            sequence: sequence, heap: 0, tick: 1000, used: used, liveBlocks: UInt32(blocks.count), peak: used,
            totals: totals, lost: lost, digest: digest.value ^ spoil)
    }

    mutating func keyframe(first: Int = 0, entries: Int? = nil, lost: UInt32 = 0) -> [UInt8] {
        sequence += 1
        let part = blocks[first..<min(blocks.count, first + (entries ?? blocks.count))]
        let state = state(lost: lost)
        return FrameWriter.line { writer in
            state.writeKeyframe(
                first: UInt32(first), part.map { TableEntry(size: $0.size, gap: 0, owner: $0.owner) },
                layout: Self.layout, to: &writer)
        }
    }

    /// Does the operations and tells of them.
    mutating func delta(_ operations: [Operation], spoil: UInt32 = 0) -> [UInt8] {
        sequence += 1
        var written = OperationBytes(layout: Self.layout)
        for operation in operations {
            written.append(operation, leaving: owner(before: operation))
            apply(operation)
        }
        let state = state(spoil: spoil)
        return FrameWriter.line { written.write(state, to: &$0) }
    }

    /// One that this heap can do now; now and then an owner inside the heap.
    func someOperation() -> Operation {
        let used = start(blocks.count) - Self.base
        let owner = Bool.random() && used > 0 ? Self.base + .random(in: 0..<used) / 4 * 4 : .random(in: 1...9999) * 4
        let depth = UInt32.random(in: 0..<UInt32(max(1, blocks.count)))
        switch Int.random(in: 0..<20) {
        case 0...7 where used < 3800 && blocks.count < 100:
            return .alloc(size: .random(in: 1...min(200, 4096 - UInt32(used))), owner: owner)
        case 8...13 where !blocks.isEmpty: return .free(depth: depth)
        case 14 where used < 3800 && !blocks.isEmpty: return .resize(depth: depth, size: .random(in: 1...90))
        case 16 where !blocks.isEmpty: return .reown(depth: depth, owner: owner)
        case 17 where !blocks.isEmpty: return .orphan(depth: depth)
        case 18: return .badPointer(owner: owner)
        default: return .failed(size: 5000, why: 0)
        }
    }
}

/// A replica with memory of its own.
private final class Table {
    var replica: HeapReplica
    private let memory = UnsafeMutablePointer<ReplicaEntry>.allocate(capacity: 100)

    init() throws {
        memory.initialize(repeating: ReplicaEntry(size: 0, offset: 0, owner: 0), count: 100)
        replica = HeapReplica(layout: try #require(SpecificationTests.layout(0)), entries: memory, capacity: 100)
    }

    deinit { memory.deallocate() }

    func apply(_ line: [UInt8]) throws -> HeapReplica.Verdict {
        let payload = try #require(try WireText.payload(line))
        return try payload.withUnsafeBufferPointer {
            try replica.apply(StateFrame(payload: try #require($0.baseAddress), count: $0.count))
        }
    }

    func expectEqual(_ model: Model) {
        #expect(
            (0..<Int(replica.known)).map { Model.Block(size: replica[$0].size, owner: replica[$0].owner) }
                == model.blocks)
        #expect(
            (0..<Int(replica.known)).map { UInt64(replica[$0].offset) + Model.base }
                == model.blocks.indices.map { model.start($0) })
        #expect(replica.totals == model.totals)
    }
}

struct ReplicaTests {
    @Test func everyOperationGivesTheTableOfTheSpecification() throws {
        for _ in 0..<8 {
            var model = Model()
            let table = try Table()
            #expect(try table.apply(model.keyframe()) == .exact)
            for step in 0..<1500 {
                let operation = step % 700 == 699 ? Operation.reset : model.someOperation()
                let before = model
                let relocation = table.replica.relocation(by: operation)
                #expect(try table.apply(model.delta([operation])) == .exact, "\(operation)")
                table.expectEqual(model)
                let moved = operation == .reset ? 0 : model.totals.moves - before.totals.moves
                #expect(UInt64(relocation?.moved.count ?? 0) == moved)
            }
        }
    }

    @Test func aWrongDigestMakesTheTableUnknownUntilAKeyframe() throws {
        var model = Model()
        let table = try Table()
        #expect(try table.apply(model.keyframe()) == .exact)
        #expect(try table.apply(model.delta([.alloc(size: 9, owner: 4)])) == .exact)
        #expect(try table.apply(model.delta([], spoil: 1)) == .diverged)
        #expect(table.replica.standing == .unknown)
        #expect(try table.apply(model.delta([.alloc(size: 10, owner: 8)])) == .incomplete)
        #expect(try table.apply(model.keyframe()) == .exact)
        table.expectEqual(model)
    }

    @Test func aKeyframeThatContradictsTheTableCorrectsItAndSaysSo() throws {
        var model = Model()
        let table = try Table()
        #expect(try table.apply(model.keyframe()) == .exact)
        #expect(try table.apply(model.delta([.alloc(size: 9, owner: 4)])) == .exact)
        // A frame that is not heard of.
        _ = model.delta([.alloc(size: 17, owner: 8)])
        #expect(try table.apply(model.keyframe()) == .corrected)
        table.expectEqual(model)
        #expect(try table.apply(model.keyframe()) == .exact)
    }

    @Test func eachNumberOfTheStateIsChecked() throws {
        let changes: [(inout HeapState) -> Void] = [
            { $0.used += 4 }, { $0.liveBlocks += 1 }, { $0.digest ^= 1 }, { $0.totals.allocations += 1 },
            { $0.totals.frees += 1 }, { $0.totals.failures += 1 }, { $0.totals.moves += 1 },
            { $0.totals.bytesMoved += 4 },
        ]
        for (number, change) in changes.enumerated() {
            var model = Model()
            let table = try Table()
            #expect(try table.apply(model.keyframe()) == .exact)
            _ = try table.apply(model.delta([.alloc(size: 9, owner: 4), .alloc(size: 9, owner: 8), .free(depth: 1)]))
            model.sequence += 1
            var state = model.state()
            change(&state)
            let line = FrameWriter.line { OperationBytes(layout: Model.layout).write(state, to: &$0) }
            #expect(try table.apply(line) == .diverged, "change \(number)")
        }
    }

    /// It takes a look at each entry, and is most of what a frame costs.
    @Test func theDigestIsCalculatedOnceForAFrame() throws {
        var model = Model()
        let table = try Table()
        for _ in 0..<50 { model.apply(.alloc(size: 8, owner: 4)) }
        #expect(try table.apply(model.keyframe()) == .exact)
        model.sequence += 1
        var state = model.state()
        state.hasFigures = false
        let delta = FrameWriter.line { OperationBytes(layout: Model.layout).write(state, to: &$0) }
        for line in [model.keyframe(), delta] {
            let before = table.replica.steps
            #expect(try table.apply(line) == .exact)
            #expect(table.replica.completed(state).digest == model.state().digest)
            #expect(table.replica.steps - before == 50)
        }
    }

    @Test func aTableInPartsIsExactAtItsLastWhateverHappensInBetween() throws {
        for _ in 0..<200 {
            var model = Model()
            let table = try Table()
            while model.blocks.count < 20 {
                model.apply(.alloc(size: .random(in: 1...40), owner: .random(in: 1...999)))
            }
            var known = 0
            var verdict = HeapReplica.Verdict.incomplete
            while verdict != .exact {
                verdict = try table.apply(model.keyframe(first: known, entries: 6))
                known = min(known + 6, model.blocks.count)
                if verdict == .exact { break }
                let depth = UInt32.random(in: 0..<UInt32(model.blocks.count))
                let operation: Operation = Bool.random() ? .free(depth: depth) : .alloc(size: 5, owner: 4)
                let index = model.blocks.count - 1 - Int(depth)
                if case .free = operation, index < known { known -= 1 }
                #expect(try table.apply(model.delta([operation])) != .diverged)
                if table.replica.standing == .exact { break }
            }
            table.expectEqual(model)
        }
    }

    @Test func anAllocOfNothingIsAContradictionWhileEntriesAreMissing() throws {
        var model = Model()
        let table = try Table()
        while model.blocks.count < 12 { model.apply(.alloc(size: 8, owner: 4)) }
        #expect(try table.apply(model.keyframe(first: 0, entries: 4)) == .incomplete)
        #expect(table.replica.standing == .partial)
        let results = [0, 8].map { table.replica.perform(.alloc(size: $0, owner: 4), at: 1000) }
        #expect(results == [false, true])
    }

    @Test func lostOperationsAndLostPartsAreNeverGuessed() throws {
        var model = Model()
        let table = try Table()
        #expect(try table.apply(model.keyframe()) == .exact)
        model.apply(.alloc(size: 8, owner: 4))
        #expect(try table.apply(model.keyframe(lost: 1)) == .exact, "the keyframe itself tells the table")
        #expect(table.replica[0].allocation == 0, "but not when the block came")
        while model.blocks.count < 12 { model.apply(.alloc(size: 8, owner: 4)) }
        #expect(try table.apply(model.keyframe(first: 0, entries: 4, lost: 2)) == .incomplete)
        #expect(try table.apply(model.keyframe(first: 8)) == .incomplete, "entries 4 to 7 are missing")
        #expect(table.replica.standing == .unknown)
    }

    @Test func hostileOperationsNeverTrap() throws {
        for _ in 0..<3000 {
            let table = try Table()
            var model = Model()
            _ = try table.apply(model.keyframe())
            for _ in 0..<40 {
                let depth = UInt32.random(in: 0...UInt32(Bool.random() ? 5 : 70_000))
                let size = Bool.random() ? UInt32.random(in: 0...300) : .random(in: 0 ... .max)
                let operation: Operation =
                    switch Int.random(in: 0..<5) {
                    case 0, 1: .alloc(size: size, owner: .random(in: 0 ... .max))
                    case 2: .free(depth: depth)
                    case 3: .resize(depth: depth, size: size)
                    default: .reown(depth: depth, owner: .random(in: 0 ... .max))
                    }
                if !table.replica.perform(operation, at: 0) { table.replica.forget() }
                #expect(table.replica.used <= 4096)
            }
        }
    }
}
