// SPDX-License-Identifier: Apache-2.0
//
// Operations, lives of blocks, differences of tables and failures, each against a model heap that knows what happened.

import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector
@testable import FuzzModels

struct OperationAnswerTests {
    /// Their last bits are the traits: 4 and 6 are heaps of other allocators.
    private static let seeds: [UInt64] = [1, 2, 3, 4, 6]

    /// A device that has told of some thousand operations, gathered in part.
    private final class Told {
        let history: RecordedHistory
        var frames: [ToldDevice.Frame] = []
        let layout: HeapLayout

        init(seed: UInt64, resets: Bool = false, pins: Bool = false) async throws {
            var device = try ToldDevice(
                traits: HeapTraits(rawValue: UInt32(seed) & 7), seed: seed, resets: resets, pins: pins)
            (history, layout) = (try RecordedHistory(gatherEvery: 37, durability: .process), device.layout)
            try await history.greet(device.hello())
            for _ in 0..<100 {
                let frame = device.report(operations: 20, after: 2000)
                frames.append(frame)
                try await history.receive(frame.payload, at: RecordedHistory.time(Int64(frame.tick)))
            }
        }

        /// Each operation with its frame and place.
        var steps: [(frame: UInt32, place: Int, step: ToldDevice.Step)] {
            frames.flatMap { frame in frame.steps.map { (frame.sequence, $0.place, $0) } }
        }

        static let (beginning, end) = (
            Moment.time(Timestamp(microseconds: 0)), Moment.time(Timestamp(microseconds: .max))
        )

        /// All operations, page by page.
        func listed() async throws -> [HeapOperation] {
            var (listed, after, pages) = ([HeapOperation](), String?.none, 0)
            repeat {
                let page = try await history.query.operations(
                    device: "pump", heap: nil, since: Told.beginning, until: Told.end, after: after, limit: 97)
                #expect(page.operations.count <= 97)
                (listed, after, pages) = (listed + page.operations, page.next, pages + 1)
            } while after != nil
            #expect(pages > 10)
            return listed
        }
    }

    @Test(arguments: seeds)
    func eachOperationIsListedWithWhatItDid(_ seed: UInt64) async throws {
        let told = try await Told(seed: seed, resets: true)
        let (listed, steps) = (try await told.listed(), told.steps)
        #expect(listed.count == steps.count)
        for (operation, (frame, place, step)) in zip(listed, steps) {
            check(operation, frame, place, step, told.layout)
        }
    }

    private func check(
        _ operation: HeapOperation, _ frame: UInt32, _ place: Int, _ step: ToldDevice.Step, _ layout: HeapLayout
    ) {
        let (before, after) = (step.before, step.after)
        #expect(operation.sequence == Int(frame) && operation.place == place)
        #expect(operation.time == RecordedHistory.time(Int64(step.tick)))
        #expect(operation.used == Int(after.used) && operation.liveBlocks == after.blocks.count)
        #expect(operation.moves == max(0, Int(after.totals.moves) - Int(before.totals.moves)))
        #expect(operation.bytesMoved == max(0, Int(after.totals.bytesMoved) - Int(before.totals.bytesMoved)))
        func block(_ index: Int, in heap: ModelHeap) {
            let block = heap.blocks[index]
            #expect(operation.index == index)
            #expect(operation.address == Address(layout.baseAddress + block.start))
        }
        switch step.operation {
        case .alloc(let size, let owner, _):
            #expect(operation.operation == .alloc && operation.size == Int(size) && operation.owner == Address(owner))
            #expect(operation.allocation == Int(after.totals.allocations))
            block(after.blocks.count - 1, in: after)
        case .free(let depth):
            #expect(operation.operation == .free)
            block(before.blocks.count - 1 - Int(depth), in: before)
        case .resize(let depth, let size):
            let index = before.blocks.count - 1 - Int(depth)
            #expect(operation.operation == .resize && operation.size == Int(size))
            #expect(operation.oldSize == Int(before.blocks[index].size))
            block(index, in: before)
        case .allocAt(let address, let size, _):
            #expect(operation.operation == .alloc && operation.size == Int(size) && operation.owner == nil)
            #expect(operation.allocation == Int(after.totals.allocations) && operation.address == Address(address))
            block(after.index(ofBlockAt: address) ?? -1, in: after)
        case .freeAt(let address):
            #expect(operation.operation == .free)
            block(before.index(ofBlockAt: address) ?? -1, in: before)
        case .resizeAt(let address, let size, let target):
            #expect(operation.operation == .resize && operation.size == Int(size))
            #expect(operation.newAddress == (target == address ? nil : Address(target)))
            block(before.index(ofBlockAt: address) ?? -1, in: before)
        case .reown(let depth, let owner):
            let index = before.blocks.count - 1 - Int(depth)
            #expect(operation.operation == .reown && operation.owner == (owner == 0 ? nil : Address(owner)))
            #expect(operation.oldOwner?.value ?? 0 == before.blocks[index].owner)
        case .failed(let size, _, let owner, let callSite):
            #expect(operation.operation == .failed && operation.size == Int(size))
            #expect(operation.owner?.value ?? 0 == owner && operation.callSite?.value ?? 0 == callSite)
        case .orphan: #expect(operation.operation == .orphan && operation.owner == nil)
        case .badPointer: #expect(operation.operation == .badPointer)
        case .compact: #expect(operation.operation == .compact)
        case .reset: #expect(operation.operation == .reset)
        }
    }

    @Test func pinsAreListedAmongTheOperations() async throws {
        let told = try await Told(seed: 3, resets: true, pins: true)
        let (listed, steps) = (try await told.listed(), told.steps)
        let pins = told.frames.flatMap { frame in frame.pins.map { (frame: frame.sequence, pin: $0) } }
        #expect(pins.count > 400)
        func isPin(_ operation: HeapOperation) -> Bool { [.pin, .unpin].contains(operation.operation) }
        let others = listed.filter { !isPin($0) }
        #expect(others.count == steps.count)
        for (operation, (frame, place, step)) in zip(others, steps) {
            check(operation, frame, place, step, told.layout)
        }
        #expect(listed.count(where: isPin) == pins.count)
        var missing = 0
        for (operation, (frame, pin)) in zip(listed.filter(isPin), pins) {
            let (change, heap) = (pin.change, pin.heap)
            #expect(operation.sequence == Int(frame) && operation.place == change.place)
            #expect(operation.operation == (change.isPinned ? .pin : .unpin))
            #expect(operation.time == RecordedHistory.time(Int64(change.tick)))
            #expect(operation.used == Int(heap.used) && operation.liveBlocks == heap.blocks.count)
            #expect(operation.moves == 0)
            guard let index = heap.index(change.depth) else {
                #expect(operation.index == nil && operation.allocation == nil)
                missing += 1
                continue
            }
            let block = heap.blocks[index]
            #expect(operation.index == index && operation.address == Address(told.layout.baseAddress + block.start))
            #expect(operation.size == Int(block.size) && operation.owner?.value ?? 0 == block.owner)
            #expect(operation.allocation != nil)
        }
        #expect(missing > 10 && missing < pins.count / 2)
    }

    @Test func thePinsOfABlockArePartOfItsLife() async throws {
        let told = try await Told(seed: 3, pins: true)
        let lives = BlockTruth.lives(told.steps.map { ($0.frame, $0.step) }, told.layout)
        var expected: [UInt64: [BlockLife.Event]] = [:]
        var members: [UInt64] = []
        for frame in told.frames {
            var steps = frame.steps[...]
            for pin in frame.pins {
                while let step = steps.first, step.place < pin.change.place {
                    BlockTruth.follow(step, &members)
                    steps.removeFirst()
                }
                guard let index = pin.heap.index(pin.change.depth) else { continue }
                let block = pin.heap.blocks[index]
                expected[members[index], default: []].append(
                    BlockLife.Event(
                        time: RecordedHistory.time(Int64(pin.change.tick)), sequence: Int(frame.sequence),
                        event: pin.change.isPinned ? .pinned : .unpinned, index: index,
                        address: Address(told.layout.baseAddress + block.start), size: Int(block.size),
                        owner: block.owner == 0 ? nil : Address(block.owner)))
            }
            for step in steps { BlockTruth.follow(step, &members) }
        }
        var pins = 0
        for life in lives.prefix(60) {
            let answer = try await told.history.query.block(
                device: "pump", heap: nil, number: life.number, limit: 10_000)
            let isPin: (BlockLife.Event) -> Bool = { [.pinned, .unpinned].contains($0.event) }
            #expect(answer.events.filter(isPin) == expected[life.number] ?? [], "block #\(life.number)")
            #expect(answer.events.filter { !isPin($0) } == life.events)
            #expect(answer.events.map(\.time) == answer.events.map(\.time).sorted())
            pins += expected[life.number]?.count ?? 0
        }
        #expect(pins > 50)
    }

    @Test func aReplayWithoutThePinsIsNotExact() async throws {
        for hasPins in [false, true] {
            let told = try await Told(seed: 8, pins: hasPins)
            let pins = told.frames.flatMap(\.pins).count(where: \.change.isPinned)
            let answer = try await told.history.query.whatIf(
                device: "pump", heap: nil, OtherHeap(), since: Told.beginning, until: Told.end)
            #expect(answer.pins == pins && answer.exact == !hasPins)
            #expect(answer.allocator.isExact && (pins > 100) == hasPins)
        }
    }

    @Test(arguments: seeds)
    func aBlockIsFollowedToItsEnd(_ seed: UInt64) async throws {
        let told = try await Told(seed: seed)
        let lives = BlockTruth.lives(told.steps.map { ($0.frame, $0.step) }, told.layout)
        var followed = 0
        for life in lives.shuffled().prefix(40) {
            let answer = try await told.history.query.block(
                device: "pump", heap: nil, number: life.number, limit: 10_000)
            #expect(answer.events == life.events, "block #\(life.number)")
            #expect(answer.live == life.isLive)
            followed += answer.events.count
        }
        #expect(followed > (told.layout.isWatched ? 60 : 100))
    }

    @Test(arguments: seeds)
    func tablesDifferAsTheModelsDo(_ seed: UInt64) async throws {
        let told = try await Told(seed: seed)
        for (from, to) in [(50, 60), (60, 61), (80, 100), (99, 99)] {
            let difference = try await told.history.query.difference(
                device: "pump", heap: nil, from: .sequence(UInt32(from)), to: .sequence(UInt32(to)))
            let (before, after) = (model(told, from), model(told, to))
            let old = Dictionary(uniqueKeysWithValues: before.map { ($0.number, $0.block) })
            let new = Dictionary(uniqueKeysWithValues: after.map { ($0.number, $0.block) })
            func numbers(_ kind: HeapDifference.Change.Kind) -> Set<UInt64> {
                Set(difference.changes.filter { $0.change == kind }.compactMap { $0.allocation.map(UInt64.init) })
            }
            #expect(numbers(.came) == Set(new.keys).subtracting(old.keys))
            #expect(numbers(.went) == Set(old.keys).subtracting(new.keys))
            let both = Set(old.keys).intersection(new.keys)
            #expect(numbers(.grew) == both.filter { new[$0]!.size > old[$0]!.size })
            #expect(numbers(.shrank) == both.filter { new[$0]!.size < old[$0]!.size })
            let same = both.filter { new[$0]!.size == old[$0]!.size }
            #expect(numbers(.reowned) == same.filter { new[$0]!.owner != old[$0]!.owner })
            #expect(
                difference.unchanged
                    == same.count { new[$0]!.owner == old[$0]!.owner && new[$0]!.start == old[$0]!.start })
            #expect(difference.to.liveBlocks == after.count)
        }
    }

    /// The blocks after a frame, with their numbers.
    private func model(_ told: Told, _ frame: Int) -> [(number: UInt64, block: ModelHeap.Block)] {
        var members: [UInt64] = []
        var last: ModelHeap?
        for entry in told.steps where Int(entry.frame) <= frame {
            BlockTruth.follow(entry.step, &members)
            last = entry.step.after
        }
        return Array(zip(members, last?.blocks ?? []))
    }

    @Test func eachFailureIsFoundAndNoOther() async throws {
        for seed in Self.seeds {
            let told = try await Told(seed: seed)
            let failures = told.steps.filter { if case .failed = $0.step.operation { true } else { false } }
            #expect(failures.count > 20)
            let end = Timestamp(microseconds: .max)
            var (listed, until) = ([FailureList.Failure](), Timestamp?.some(end))
            while let last = until {
                let list = try await told.history.query.failures(
                    device: "pump", heap: nil, since: Timestamp(microseconds: 0), until: last, limit: 7)
                (listed, until) = (list.failures + listed, list.next)
                #expect(list.failures.count <= 7)
            }
            #expect(listed.map(\.sequence) == failures.map { Int($0.frame) })
            #expect(listed.map(\.place) == failures.map(\.place))
            for (failure, (_, _, step)) in zip(listed, failures) {
                #expect(failure.free == Int(told.layout.size) - Int(step.before.used))
                #expect(failure.liveBlocks == step.before.blocks.count)
                guard case .failed(_, _, let owner, let callSite) = step.operation else { continue }
                #expect(failure.owner?.value ?? 0 == owner && failure.callSite?.value ?? 0 == callSite)
            }
            let all = try await told.history.query.failures(
                device: "pump", heap: nil, since: Timestamp(microseconds: 0), until: end, limit: 1000, withTables: true)
            #expect(all.counted == failures.count)
            for (failure, (_, _, step)) in zip(all.failures, failures) {
                #expect(failure.entries?.map(\.size) == step.before.blocks.map { Int($0.size) })
            }
        }
    }

    /// The first operation that a smaller heap can't do, found by doing all of them in a model of it.
    @Test(arguments: [8, 16, 24, 32] as [UInt64], [900, 1300, 1700, 2500] as [UInt32])
    func aSmallerHeapFailsWhereAModelOfItDoes(_ seed: UInt64, _ size: UInt32) async throws {
        let told = try await Told(seed: seed)
        let layout = told.layout
        var small = ModelHeap(
            try #require(
                HeapLayout(
                    baseAddress: layout.baseAddress, size: size, alignment: layout.alignment,
                    tableSize: layout.tableSize,
                    pointerWidth: layout.pointerWidth, traits: layout.traits)))
        var expected: (frame: UInt32, place: Int, time: Timestamp)?
        for (frame, place, step) in told.steps {
            let isAllocation =
                switch step.operation {
                case .alloc, .resize, .free: true
                default: false
                }
            // Owners don't matter for room, and a heap that has failed is no longer the recorded one.
            guard expected == nil, isAllocation, !small.apply(step.operation) else { continue }
            expected = (frame, place, RecordedHistory.time(Int64(step.tick)))
        }
        let answer = try await told.history.query.whatIf(
            device: "pump", heap: nil, OtherHeap(size: size), since: Told.beginning, until: Told.end)
        #expect(answer.exact && answer.size == Int(size))
        #expect(answer.firstFailure?.sequence == expected.map { Int($0.frame) })
        #expect(answer.firstFailure?.place == expected?.place)
        #expect(answer.firstFailure?.time == expected?.time)
        #expect((answer.failures > 0) == (expected != nil))
    }
}
