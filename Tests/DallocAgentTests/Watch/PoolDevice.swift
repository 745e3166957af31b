// SPDX-License-Identifier: Apache-2.0
//
// A heap that isn't dalloc's, with a real agent that watches it: blocks at addresses of its own choice, of which nothing is read or
// written, so that they need no memory.

import CDalloc
import CDallocAgent
import HeapReplica
import HeapWire
import Testing

final class PoolDevice {
    struct Block: Equatable {
        var address: UInt
        var size: UInt32
    }

    let agent = UnsafeMutablePointer<dalloc_agent_t>.allocate(capacity: 1)
    let watch = UnsafeMutablePointer<dalloc_watch_t>.allocate(capacity: 1)
    private let clock = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    private let transmit: UnsafeMutablePointer<UInt8>
    /// In the order of their addresses.
    private(set) var blocks: [Block] = []
    /// How often the walker was called.
    private(set) var steps = 0
    /// Locks that are held.
    private(set) var locks = 0
    private(set) var mostLocks = 0
    private(set) var result = DALLOC_AGENT_OK
    /// What the watch was told.
    private(set) var log: [HeapWire.Operation] = []
    let base: UInt
    let size: UInt32
    private let alignment: UInt

    var now: UInt32 {
        get { clock.pointee }
        set { clock.pointee = newValue }
    }

    /// - Parameters:
    ///   - size: 0: blocks lie anywhere.
    ///   - earlier: blocks that the heap holds before it is watched.
    init(
        _ collector: TestCollector, transmit bytes: Int = 16_384, base: UInt = 0x2000_0000, size: UInt32 = 65_536,
        alignment: UInt = 8, walks: Bool = true, callSites: Bool = false, earlier: Int = 0,
        _ change: (inout dalloc_watch_config_t) -> Void = { _ in }
    ) {
        (self.base, self.size, self.alignment) = (base, size, alignment)
        transmit = .allocate(capacity: bytes)
        transmit.initialize(repeating: 0, count: bytes)
        clock.initialize(to: 5000)
        watch.initialize(to: dalloc_watch_t())
        var config = WatchedDevice.config(collector, clock)
        (config.transmit_buffer, config.transmit_size) = (transmit, UInt32(bytes))
        #expect(dalloc_agent_init(agent, &config) == DALLOC_AGENT_OK)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<earlier { allocate(&random) }
        var watched = dalloc_watch_config_t()
        watched.name = WatchedDevice.heapName
        watched.memory = UnsafeRawPointer(bitPattern: size == 0 ? 0 : base)
        watched.size = size
        watched.alignment = UInt32(alignment)
        watched.call_sites = callSites
        let context = Unmanaged.passUnretained(self).toOpaque()
        (watched.lock_context, watched.walk_context) = (context, context)
        watched.lock = { PoolDevice.of($0)?.lock() }
        watched.unlock = { PoolDevice.of($0)?.locks -= 1 }
        if walks { watched.next = { PoolDevice.of($0)?.next($1, $2) } }
        change(&watched)
        result = dalloc_agent_watch(agent, watch, &watched)
    }

    deinit {
        agent.deallocate()
        watch.deallocate()
        clock.deallocate()
        transmit.deallocate()
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> PoolDevice? {
        context.map { Unmanaged<PoolDevice>.fromOpaque($0).takeUnretainedValue() }
    }

    private func lock() {
        locks += 1
        mostLocks = max(mostLocks, locks)
    }

    private func next(_ block: UnsafeRawPointer?, _ size: UnsafeMutablePointer<UInt32>?) -> UnsafeRawPointer? {
        steps += 1
        #expect(locks > 0, "a walk is inside the lock")
        let address = UInt(bitPattern: block)
        if address != 0 { #expect(blocks.contains { $0.address == address }, "a walk goes on from a block in use") }
        guard let found = blocks.first(where: { $0.address > address }) else { return nil }
        size?.pointee = found.size
        return UnsafeRawPointer(bitPattern: found.address)
    }

    // MARK: What the heap does

    /// A free place; nil when none was found.
    private func place(_ size: UInt32, _ random: inout some RandomNumberGenerator) -> UInt? {
        for _ in 0..<50 {
            let range = self.size == 0 ? UInt(1) << 46 : UInt(self.size) - UInt(size)
            let address = (base + .random(in: 0...range, using: &random)) & ~(alignment - 1)
            let isFree = blocks.allSatisfy {
                $0.address >= address + UInt(size) || $0.address + UInt($0.size) <= address
            }
            if address >= base, isFree { return address }
        }
        return nil
    }

    private func insert(_ block: Block) {
        blocks.insert(block, at: blocks.firstIndex { $0.address > block.address } ?? blocks.count)
    }

    private func allocate(_ random: inout some RandomNumberGenerator) {
        let size = UInt32.random(in: 1...200, using: &random)
        guard let address = place(size, &random) else {
            log.append(.failed(size: size, why: 0))
            dalloc_watch_failed(watch, size, DALLOC_WATCH_NO_ROOM)
            return
        }
        insert(Block(address: address, size: size))
        let site = UnsafeRawPointer(bitPattern: 0x800_0000 + UInt.random(in: 0..<9, using: &random) * 4)
        let called = watch.pointee.config.call_sites ? UInt64(UInt(bitPattern: site)) : 0
        log.append(.allocAt(address: UInt64(address), size: size, callSite: called))
        dalloc_watch_alloc_from(watch, UnsafeRawPointer(bitPattern: address), size, site)
    }

    func free(_ index: Int) {
        log.append(.freeAt(address: UInt64(blocks[index].address)))
        dalloc_watch_free(watch, UnsafeRawPointer(bitPattern: blocks[index].address))
        blocks.remove(at: index)
    }

    private func resize(_ index: Int, _ random: inout some RandomNumberGenerator) {
        dalloc_watch_lock(watch)
        defer { dalloc_watch_unlock(watch) }
        let old = blocks.remove(at: index)
        var block = Block(address: old.address, size: .random(in: 1...200, using: &random))
        let next = index < blocks.count ? blocks[index].address : size == 0 ? .max : base + UInt(size)
        if old.address + UInt(block.size) > next || Bool.random(using: &random) {
            guard let address = place(block.size, &random) else { return insert(old) }
            block.address = address
        }
        insert(block)
        log.append(.resizeAt(address: UInt64(old.address), size: block.size, to: UInt64(block.address)))
        dalloc_watch_resize(
            watch, UnsafeRawPointer(bitPattern: old.address), UnsafeRawPointer(bitPattern: block.address), block.size)
    }

    /// Something random that the heap can do.
    func act(_ random: inout some RandomNumberGenerator, most: Int = 200) {
        let kind = Int.random(in: 0..<100, using: &random)
        if kind == 0 {
            let size = UInt32.random(in: 0...9000, using: &random)
            log.append(.failed(size: size, why: size == 0 ? 2 : 1))
            dalloc_watch_failed(watch, size, DALLOC_WATCH_NO_ENTRY)
        } else if kind < 15, !blocks.isEmpty {
            resize(.random(in: 0..<blocks.count, using: &random), &random)
        } else if kind < 55, blocks.count < most || blocks.isEmpty {
            allocate(&random)
        } else if !blocks.isEmpty {
            free(.random(in: 0..<blocks.count, using: &random))
        }
        now &+= .random(in: 0...3, using: &random)
    }

    /// More than the recorder holds, between two polls.
    func overflow(_ random: inout some RandomNumberGenerator) {
        report()
        for _ in 0..<1000 { act(&random) }
        report()
    }

    func reset() {
        blocks = []
        dalloc_watch_reset(watch)
    }

    func poll(_ times: Int = 1) {
        for _ in 0..<times { dalloc_agent_poll(agent) }
    }

    /// Lets the frame interval pass, and polls until nothing more happens.
    func report() {
        now &+= 1000
        poll(6)
        for _ in 0..<100 where !dalloc_agent_is_drained(agent) { poll() }
    }

    /// What the collector's table has for certain is here. Returns how many blocks that are.
    func expectCertain(_ collector: TestCollector) -> Int {
        guard let table = collector.tables[0] else { return 0 }
        let certain = (0..<Int(table.replica.known)).map { table.replica[$0] }.filter(\.isCertain)
        for entry in certain {
            let address = UInt(table.replica.layout.baseAddress &+ entry.offset)
            #expect(blocks.contains(Block(address: address, size: entry.size)))
        }
        return certain.count
    }

    /// The collector's table is this one.
    func expectExact(_ collector: TestCollector, _ comment: Comment? = nil) {
        guard let table = collector.tables[0] else {
            Issue.record("no table")
            return
        }
        #expect(table.replica.standing == .exact, comment)
        let known = (0..<Int(table.replica.known)).map {
            let entry = table.replica[$0]
            return Block(address: UInt(table.replica.layout.baseAddress &+ entry.offset), size: entry.size)
        }
        #expect(known == blocks, comment)
        #expect(locks == 0)
    }
}
