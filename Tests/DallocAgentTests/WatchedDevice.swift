// SPDX-License-Identifier: Apache-2.0
//
// A real heap with a real agent, in memory that stays where it is, and a clock that the test turns.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapReplica
import HeapWire
import Testing

final class WatchedDevice {
    let heap = UnsafeMutablePointer<heap_t>.allocate(capacity: 1)
    let agent = UnsafeMutablePointer<dalloc_agent_t>.allocate(capacity: 1)
    let recorder = UnsafeMutablePointer<dalloc_recorder_t>.allocate(capacity: 1)
    let clock = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    let variables: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    let memory: UnsafeMutableRawPointer
    private let variablesAreBehindMemory: Bool
    /// The agent uses it as long as it lives.
    private let spool: MemorySpool?
    private let transmit: UnsafeMutablePointer<UInt8>
    private static var name: UnsafePointer<CChar> { strings("pump-17") }
    static var heapName: UnsafePointer<CChar> { strings("main") }

    /// A literal that lives as long as the process.
    private static func strings(_ text: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    var now: UInt32 {
        get { clock.pointee }
        set { clock.pointee = newValue }
    }

    /// - Parameter variablesAreBehindMemory: then two devices that do the same record the same bytes.
    init(
        _ collector: TestCollector, transmit size: Int = 16_384, startsAt tick: UInt32 = 5000, isLazy: Bool = false,
        isPinning: Bool = false, variablesAreBehindMemory: Bool = false, boot: UInt32 = 77, spool: MemorySpool? = nil,
        _ change: (inout dalloc_agent_config_t) -> Void = { _ in }
    ) {
        (self.variablesAreBehindMemory, self.spool) = (variablesAreBehindMemory, spool)
        memory = .allocate(byteCount: 8192 + 800, alignment: 16)
        variables =
            variablesAreBehindMemory
            ? (memory + 8192).bindMemory(to: UnsafeMutableRawPointer?.self, capacity: 100) : .allocate(capacity: 100)
        clock.initialize(to: tick)
        variables.initialize(repeating: nil, count: 100)
        transmit = .allocate(capacity: size)
        transmit.initialize(repeating: 0, count: size)
        heap_init(heap, memory, 8192)
        if isLazy { _ = dalloc_heap_set_policy(heap, DALLOC_POLICY_LAZY, 200) }
        if isPinning { _ = dalloc_heap_set_policy(heap, DALLOC_POLICY_PINNING, 0) }
        var config = Self.config(collector, clock)
        config.transmit_buffer = transmit
        config.transmit_size = UInt32(size)
        config.boot_id = boot
        change(&config)
        #expect(dalloc_agent_init(agent, &config) == DALLOC_AGENT_OK)
        if let spool { #expect(dalloc_agent_set_spool(agent, spool.functions) == DALLOC_AGENT_OK) }
        #expect(dalloc_agent_attach(agent, recorder, heap, Self.heapName) == DALLOC_AGENT_OK)
    }

    deinit {
        if !variablesAreBehindMemory { variables.deallocate() }
        heap.deallocate()
        agent.deallocate()
        recorder.deallocate()
        clock.deallocate()
        transmit.deallocate()
        memory.deallocate()
    }

    static func config(_ collector: TestCollector, _ clock: UnsafeMutablePointer<UInt32>) -> dalloc_agent_config_t {
        var config = dalloc_agent_config_t()
        config.device_id = name
        config.build = heapName
        config.boot_id = 77
        config.ticks_per_second = 1000
        config.now = { $0?.assumingMemoryBound(to: UInt32.self).pointee ?? 0 }
        config.now_context = UnsafeMutableRawPointer(clock)
        config.link = collector.makeLink()
        return config
    }

    func poll(_ times: Int = 1) {
        for _ in 0..<times { dalloc_agent_poll(agent) }
    }

    /// Lets the frame interval pass, and polls until nothing more happens.
    func report() {
        now &+= 1000
        poll(6)
    }

    func allocate(_ slot: Int, _ size: UInt32) { dalloc(heap, size, variables + slot) }
    func free(_ slot: Int) { dfree(heap, variables + slot, USING_PTR_ADDRESS) }

    /// Something random that the heap may or may not be able to do; some owners stand inside the heap.
    func act() {
        var random = SystemRandomNumberGenerator()
        act(&random)
    }

    func act(_ random: inout some RandomNumberGenerator) {
        let slot = Int.random(in: 0..<100, using: &random)
        if variables[slot] == nil {
            allocate(slot, .random(in: 0...200, using: &random))
        } else if Int.random(in: 0..<3, using: &random) == 0 {
            _ = drealloc(heap, .random(in: 1...300, using: &random), variables + slot)
        } else if Int.random(in: 0..<8, using: &random) == 0,
            let other = (0..<100).first(where: { variables[$0] == nil })
        {
            replace_pointers(heap, variables + slot, variables + other)
        } else {
            free(slot)
        }
        if heap.pointee.policy != nil, Int.random(in: 0..<9, using: &random) == 0 {
            _ = dalloc_heap_compact(heap, .random(in: 0...400, using: &random))
        }
        now &+= .random(in: 0...3, using: &random)
    }

    /// Pins a block or unpins one, when there is one; of a hundred few are pinned at a time.
    func changePins(_ random: inout some RandomNumberGenerator) {
        let owners = (0..<100).filter { variables[$0] != nil }
        guard let slot = owners.randomElement(using: &random) else { return }
        if Int.random(in: 0..<3, using: &random) == 0 { _ = dalloc_pin(heap, variables + slot) }
        for slot in owners where Int.random(in: 0..<12, using: &random) == 0 {
            _ = dalloc_unpin(heap, variables + slot)
        }
    }

    /// The collector's replica is the heap.
    func expectExact(_ collector: TestCollector, _ comment: Comment? = nil) {
        Self.expect(collector.tables[0], is: heap, comment)
    }

    static func expect(_ table: TestTable?, is heap: UnsafeMutablePointer<heap_t>, _ comment: Comment? = nil) {
        let entries = dalloc_port_table(heap)
        guard let table else {
            Issue.record("no table")
            return
        }
        #expect(table.replica.standing == .exact, comment)
        #expect(table.replica.used == UInt64(heap.pointee.offset - heap.pointee.gap_bytes), comment)
        #expect(table.replica.end == UInt64(heap.pointee.offset), comment)
        #expect(table.replica.known == heap.pointee.alloc_info.allocations_num, comment)
        for index in 0..<Int(table.replica.known) {
            #expect(table.replica[index].size == entries[index].allocated_size, comment)
            #expect(table.replica[index].offset == entries[index].offset, comment)
            #expect(table.replica[index].owner == UInt64(UInt(bitPattern: entries[index].ptr)), comment)
        }
    }
}
