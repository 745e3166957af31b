// SPDX-License-Identifier: Apache-2.0

internal import CDalloc
internal import TestSupport

/// Does the same random operations on a heap and on its model, and compares the two after each.
final class Exerciser {
    private static let variables = 128
    /// A copy of a block's address, for USING_PTR_VALUE: the heap never knows it.
    private static let copy = variables
    let heap: TestHeap
    private let model: HeapModel
    private var replay: ReplayModel
    private var random: SeededRandom
    private let largest: Int
    private var fault: String?
    private(set) var orphansSeen = 0
    private(set) var failuresSeen: Set<UInt32> = []

    init(seed: UInt64, size: Int, largest: Int) {
        heap = TestHeap(size: size, variables: Self.variables + 1)
        model = HeapModel(size: size, tableSize: Int(dalloc_port_own_entries()), outside: Self.variables)
        replay = ReplayModel(base: UInt(bitPattern: heap.memory))
        random = SeededRandom(seed: seed)
        self.largest = largest
    }

    /// Does one operation. Nil, or what is wrong after it.
    func step() -> String? {
        model.layOut()
        let done = operate()
        if let fault { return fault }
        model.layOut()
        for event in heap.takeEvents() {
            if let wrong = replay.apply(event) { return "\(done): the observer was told of \(wrong)" }
            if case .orphan = event { orphansSeen += 1 }
            if case .failed(_, let why, _) = event { failuresSeen.insert(why.rawValue) }
        }
        return wrongInTable().map { "\(done): \($0)" } ?? wrongInMemory().map { "\(done): \($0)" }
    }

    // MARK: - Operations

    private func operate() -> String {
        switch random.below(100) {
        case 0..<48: return allocate()
        case 48..<72: return free()
        case 72..<88: return resize()
        case 88..<91: return replace()
        case 91..<94: return advance()
        case 94..<98: return misuse()
        default:
            guard random.once(in: 100) else { return freeMany() }
            return renew()
        }
    }

    private func randomSize() -> Int {
        switch random.below(40) {
        case 0: 0
        case 1: Int(UInt32.max) - random.below(8)
        case 2: largest * 8
        default: 1 + random.below(random.once(in: 4) ? largest : max(1, largest / 4))
        }
    }

    private func allocate() -> String {
        let place = randomPlace(owner: false)
        let size = randomSize()
        dalloc(heap.heap, UInt32(size), variable(at: place))
        if let block = model.allocate(size, place) {
            model.layOut()
            addSlots(to: block)
            write(block, 0..<block.size)
        }
        return "dalloc of \(size)"
    }

    private func free() -> String {
        guard let index = randomIndex() else { return "nothing" }
        if let place = model.blocks[index].owner, !random.once(in: 4) {
            let owner = variable(at: place)
            if random.once(in: 8) { change(owner) }
            dfree(heap.heap, owner, USING_PTR_ADDRESS)
        } else {
            heap.outside(Self.copy).pointee = heap.memory + model.blocks[index].offset
            dfree(heap.heap, heap.outside(Self.copy), USING_PTR_VALUE)
        }
        model.free(index)
        return "dfree of \(index)"
    }

    private func freeMany() -> String {
        for _ in 0..<random.below(40) { _ = free(); model.layOut() }
        return "frees"
    }

    private func resize() -> String {
        guard let index = randomIndex(), let place = model.blocks[index].owner else { return "nothing" }
        let block = model.blocks[index]
        let (old, size) = (block.size, random.once(in: 4) ? max(1, block.size - random.below(8)) : randomSize())
        let owner = variable(at: place)
        let fits = model.resize(index, to: size)
        if fits, random.once(in: 8) { change(owner) }
        guard drealloc(heap.heap, UInt32(size), owner) == fits else { return "drealloc, which was wrong about success" }
        model.layOut()
        if fits, size > old {
            // The bytes gained are zero, as wrongInGained checks, until the program writes.
            if let wrong = wrongInGained(block, old..<size) { return wrong }
            write(block, old..<size)
        }
        return "drealloc from \(old) to \(size)"
    }

    private func replace() -> String {
        guard let index = randomIndex(), let old = model.blocks[index].owner else { return "nothing" }
        let new = random.once(in: 10) ? old : randomPlace(owner: random.once(in: 6))
        replace_pointers(heap.heap, variable(at: old), variable(at: new))
        if model.index(ownedBy: new) == nil { model.reown(index, new) }
        return "replace_pointers"
    }

    private func renew() -> String {
        model.reset()
        let before = (0..<Self.variables).map { heap.outside($0).pointee }
        heap_deinit(heap.heap)
        for event in heap.takeEvents() { _ = replay.apply(event) }
        heap.start()
        if (0..<Self.variables).map({ heap.outside($0).pointee }) != before { fault = "heap_deinit wrote to an owner" }
        // The program's turn: nobody else tells its variables.
        for index in 0..<Self.variables { heap.outside(index).pointee = nil }
        return "heap_init"
    }

    /// The program lets an owner run through its block, to just after its end at most.
    private func advance() -> String {
        guard let index = randomIndex(), let place = model.blocks[index].owner else { return "nothing" }
        let block = model.blocks[index]
        block.advance = random.below(block.size + 1)
        variable(at: place).pointee = heap.memory + block.offset + block.advance
        return "advancing the owner of \(index)"
    }

    /// Pointers that no block knows: nothing may change.
    private func misuse() -> String {
        let copy = heap.outside(Self.copy)
        copy.pointee = heap.memory + random.below(model.size) / 4 * 4 + 1
        switch random.below(4) {
        case 0: dfree(heap.heap, copy, USING_PTR_VALUE)
        case 1: dfree(heap.heap, copy, USING_PTR_ADDRESS)
        case 2: _ = drealloc(heap.heap, 8, copy)
        default: replace_pointers(heap.heap, copy, variable(at: randomPlace(owner: false)))
        }
        return "misuse"
    }

    private func change(_ variable: TestHeap.Variable) {
        variable.pointee = random.once(in: 2) ? nil : heap.memory + random.below(model.size) / 4 * 4
    }

    // MARK: - Choosing

    private func randomIndex() -> Int? {
        model.blocks.isEmpty ? nil : random.below(model.blocks.count)
    }

    /// A variable outside, or in a block, that owns a block or does not.
    private func randomPlace(owner: Bool) -> HeapModel.Place {
        if owner, let index = randomIndex(), let place = model.blocks[index].owner { return place }
        for _ in 0..<6 where !random.once(in: 4) {
            guard let index = randomIndex() else { break }
            let block = model.blocks[index]
            if let slot = block.slots.first(where: { !$0.isOwner }) {
                return .inside(block, position: slot.position)
            }
        }
        var variable = random.below(Self.variables)
        while model.outsideIsOwner[variable] { variable = (variable + 1) % Self.variables }
        return .outside(variable)
    }

    private func addSlots(to block: HeapModel.Block) {
        var position = 4 + random.below(4)
        while position + 9 <= block.size, block.slots.count < 4, random.once(in: 2) {
            block.slots.append(HeapModel.Slot(position: position))
            position += 8 + random.below(12)
        }
    }

    private func variable(at place: HeapModel.Place) -> TestHeap.Variable {
        switch place {
        case .outside(let index): heap.outside(index)
        case .inside(let block, let position): heap.inside(block.offset + position)
        }
    }

    // MARK: - The program's writing

    /// Fills a block as the program would; its variables are NULL so far.
    private func write(_ block: HeapModel.Block, _ range: Range<Int>) {
        let bytes = heap.memory + block.offset
        for position in range where block.isContent(position) {
            bytes.storeBytes(of: block.content(position), toByteOffset: position, as: UInt8.self)
        }
    }

    // MARK: - Comparing

    private func wrongInTable() -> String? {
        let entries = dalloc_port_table(heap.heap)
        let control = heap.heap
        guard Int(control.pointee.alloc_info.allocations_num) == model.blocks.count else { return "count" }
        guard replay.rows.count == model.blocks.count else { return "the observer's count" }
        guard Int(control.pointee.offset) == model.used else { return "offset" }
        for (index, block) in model.blocks.enumerated() {
            let entry = entries[index]
            let owner = block.owner.map { UInt(bitPattern: variable(at: $0)) } ?? 0
            guard Int(entry.offset) == block.offset else { return "offset of \(index)" }
            guard Int(entry.allocated_size) == block.size else { return "size of \(index)" }
            guard UInt(bitPattern: entry.ptr) == owner else { return "owner of \(index)" }
            guard !entry.free_flag else { return "free_flag of \(index)" }
            guard model.blocks.count == Int(dalloc_port_own_entries()) || entries[model.blocks.count].free_flag else {
                return "free_flag after the last block"
            }
            let row = replay.rows[index]
            guard row.size == entry.allocated_size, row.owner == owner else { return "the observer's entry \(index)" }
        }
        let statistics = HeapModel.Totals(
            allocations: Int(control.pointee.alloc_info.total_allocations),
            frees: Int(control.pointee.alloc_info.total_frees),
            failures: Int(control.pointee.alloc_info.total_failures),
            moves: Int(control.pointee.alloc_info.total_moves),
            bytesMoved: Int(control.pointee.alloc_info.total_bytes_moved),
            peak: Int(control.pointee.alloc_info.max_memory_amount),
            peakBlocks: Int(control.pointee.alloc_info.max_allocations_amount))
        guard statistics == model.totals else { return "\(statistics) instead of \(model.totals)" }
        let ownersInside = model.blocks.count { if case .inside = $0.owner { true } else { false } }
        return Int(control.pointee.owners_inside) == ownersInside ? nil : "owners_inside"
    }

    /// The tokens at both ends of each block, each pointer variable, and now and then every byte.
    private func wrongInMemory() -> String? {
        let everything = random.once(in: 64)
        for (index, block) in model.blocks.enumerated() {
            let bytes = UnsafeRawPointer(heap.memory) + block.offset
            for position in everything ? 0..<block.size : 0..<min(2, block.size) where block.isContent(position) {
                guard bytes.load(fromByteOffset: position, as: UInt8.self) == block.content(position) else {
                    return "byte \(position) of block \(index)"
                }
            }
            let last = block.size - 1
            if block.isContent(last), bytes.load(fromByteOffset: last, as: UInt8.self) != block.content(last) {
                return "last byte of block \(index)"
            }
            for slot in block.slots where !slot.isOwner {
                let value = bytes.loadUnaligned(fromByteOffset: slot.position, as: UInt.self)
                if value != 0 { return "a variable without a block in block \(index)" }
            }
            if let owner = block.owner,
                variable(at: owner).pointee.map({ UnsafeRawPointer($0) }) != bytes + block.advance
            {
                return "the variable that owns block \(index)"
            }
        }
        for index in 0..<Self.variables where !model.outsideIsOwner[index] && heap.outside(index).pointee != nil {
            return "variable \(index), which owns nothing"
        }
        let free = model.used..<(everything ? model.size : min(model.size, model.used + 16))
        guard heap.bytes(free).allSatisfy({ $0 == 0 }) else { return "the free bytes are not zero" }
        return everything && !heap.guardsAreIntact ? "bytes outside the heap" : nil
    }

    private func wrongInGained(_ block: HeapModel.Block, _ range: Range<Int>) -> String? {
        let gained = heap.bytes(block.offset + range.lowerBound..<block.offset + range.upperBound)
        return gained.allSatisfy { $0 == 0 } ? nil : "drealloc, whose gained bytes are not zero"
    }
}
