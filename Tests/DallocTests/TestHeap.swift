// SPDX-License-Identifier: Apache-2.0

internal import CDalloc

/// A heap_t with its memory between two guard zones, pointer variables outside it, and an observer that keeps what it is told.
final class TestHeap {
    typealias Variable = UnsafeMutablePointer<UnsafeMutableRawPointer?>

    static let guardBytes = 64
    let heap: UnsafeMutablePointer<heap_t>
    let memory: UnsafeMutableRawPointer
    let size: Int
    private let variables: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>
    private(set) var events: [Event] = []

    init(size: Int = 4096, variables count: Int = 128) {
        Messages.keepOffTheTerminal()
        self.size = size
        heap = .allocate(capacity: 1)
        variables = .allocate(capacity: count)
        variables.initialize(repeating: nil)
        let region = UnsafeMutableRawPointer.allocate(byteCount: size + 2 * Self.guardBytes, alignment: 16)
        region.initializeMemory(as: UInt8.self, repeating: 0xA5, count: size + 2 * Self.guardBytes)
        memory = region + Self.guardBytes
        start()
    }

    deinit {
        heap.deallocate()
        variables.deallocate()
        (memory - Self.guardBytes).deallocate()
    }

    /// heap_init, and the observer.
    func start() {
        heap_init(heap, memory, UInt32(size))
        observe()
    }

    func observe() {
        heap.pointee.observer_context = Unmanaged.passUnretained(self).toOpaque()
        heap.pointee.observer = { context, operation, index, size, owner in
            guard let context else { return }
            let test = Unmanaged<TestHeap>.fromOpaque(context).takeUnretainedValue()
            let event = Event(operation, index, size, owner) { test.table[Int(index)].owner }
            if let event { test.events.append(event) }
        }
    }

    /// What it has told it tells ever more seldom; after this, as if it had not told anything.
    func tellAgain() {
        heap.pointee.reports = (0, 0, 0, 0, 0, 0, 0, 0)
    }

    func takeEvents() -> [Event] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    // MARK: - Variables

    /// A pointer variable outside the heap.
    func outside(_ index: Int) -> Variable {
        precondition(index < variables.count)
        // Safe: a buffer that has an element has a base.
        return variables.baseAddress.unsafelyUnwrapped + index
    }

    /// A pointer variable `offset` bytes into the heap's memory.
    func inside(_ offset: Int) -> Variable {
        (memory + offset).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    }

    // MARK: - Operations

    /// Allocates for an outside variable.
    func allocate(_ size: UInt32, _ variable: Int) {
        dalloc(heap, size, outside(variable))
    }

    func free(_ variable: Int) {
        dfree(heap, outside(variable), USING_PTR_ADDRESS)
    }

    func resize(_ variable: Int, to size: UInt32) -> Bool {
        drealloc(heap, size, outside(variable))
    }

    // MARK: - What is there

    struct Row: Equatable {
        var offset: Int
        var size: UInt32
        var owner: UInt
    }

    var table: [Row] {
        let entries = dalloc_port_table(heap)
        return (0..<Int(heap.pointee.alloc_info.allocations_num)).map { index in
            Row(
                offset: Int(entries[index].offset), size: entries[index].allocated_size,
                owner: UInt(bitPattern: entries[index].ptr))
        }
    }

    var used: Int { Int(heap.pointee.offset) }

    /// Where the block of an outside variable starts, in bytes from the heap's memory; nil for NULL.
    func offset(_ variable: Int) -> Int? {
        outside(variable).pointee.map { $0 - memory }
    }

    func bytes(_ range: Range<Int>) -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(start: memory, count: size)[range]))
    }

    func fill(_ range: Range<Int>, with byte: UInt8) {
        (memory + range.lowerBound).initializeMemory(as: UInt8.self, repeating: byte, count: range.count)
    }

    var guardsAreIntact: Bool {
        let guards = [memory - Self.guardBytes, memory + size]
        return guards.allSatisfy { zone in
            UnsafeRawBufferPointer(start: zone, count: Self.guardBytes).allSatisfy { $0 == 0xA5 }
        }
    }

    /// A variable as the table and the observer name it.
    func owner(_ variable: Int) -> UInt {
        UInt(bitPattern: outside(variable))
    }
}
