// SPDX-License-Identifier: Apache-2.0
//
// The agent's Swift API: what arrives is what happened, and whoever goes first leaves nothing dangling.

import CDalloc
import CDallocAgent
import Dalloc
import DallocAgent
import HeapReplica
import HeapWire
import Testing

struct AgentTwinTests {
    /// A link of a test's collector, which lives as long as the agent.
    private static func link(_ collector: TestCollector) -> AgentLink {
        AgentLink(collector.makeLink(), keeping: collector) { collector.isUp ? nil : "pulled out" }
    }

    private static func clock(_ ticks: UnsafeMutablePointer<UInt32>) -> AgentClock {
        AgentClock(ticksPerSecond: 1000, context: UnsafeMutableRawPointer(ticks)) {
            $0?.assumingMemoryBound(to: UInt32.self).pointee ?? 0
        }
    }

    private static func drain(_ agent: inout Agent) {
        agent.flush()
        for _ in 0..<20 where !agent.isDrained { agent.poll() }
        let isDrained = agent.isDrained
        #expect(isDrained)
    }

    /// A few blocks come, go and change.
    private static func act(_ heap: inout Heap) throws {
        let kept = try heap.allocate(byteCount: .random(in: 1...100))
        let gone = try heap.allocate(byteCount: .random(in: 1...100))
        try heap.resize(kept, toByteCount: .random(in: 1...200))
        try heap.free(gone)
    }

    @Test func aFewLinesGiveTheExactTable() throws {
        let collector = TestCollector()
        var heap = try Heap(bytes: 8192)
        var agent = try Agent(device: "pump-17", build: "1.4.2", link: Self.link(collector))
        try agent.attach(&heap, as: "main")
        for _ in 0..<20 {
            try Self.act(&heap)
            agent.poll()
        }
        Self.drain(&agent)
        heap.withUnsafeControl { WatchedDevice.expect(collector.tables[0], is: $0) }
        #expect(collector.verdicts.allSatisfy { $0 == .exact })
        #expect(agent.counters.framesSent == UInt32(collector.states.count))
        #expect(agent.counters.operationsLost == 0)
        #expect(agent.linkError == nil)
        collector.isUp = false
        #expect(agent.linkError == "pulled out")
    }

    @Test func memoryOfTheCallersIsEnough() throws {
        let collector = TestCollector()
        let ticks = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
        let control = UnsafeMutablePointer<dalloc_agent_t>.allocate(capacity: 1)
        let recorder = UnsafeMutablePointer<dalloc_recorder_t>.allocate(capacity: 1)
        let buffer = UnsafeMutablePointer<InlineArray<512, UInt8>>.allocate(capacity: 1)
        let heapControl = UnsafeMutablePointer<heap_t>.allocate(capacity: 1)
        let slots = UnsafeMutablePointer<InlineArray<30, UnsafeMutableRawPointer?>>.allocate(capacity: 1)
        let words = UnsafeMutablePointer<InlineArray<1000, UInt64>>.allocate(capacity: 1)
        defer {
            heapControl.deallocate()
            slots.deallocate()
            words.deallocate()
            ticks.deallocate()
            control.deallocate()
            recorder.deallocate()
            buffer.deallocate()
        }
        ticks.initialize(to: 5000)
        buffer.initialize(to: InlineArray(repeating: 0))
        slots.initialize(to: InlineArray(repeating: nil))
        words.initialize(to: InlineArray(repeating: 0))
        var heap = try Heap(unsafeControl: heapControl, slots: slots, memory: words)
        #expect(heap.size == 8000)
        var agent = try Agent(
            unsafeControl: control, transmitBuffer: buffer, device: "pump-17", bootID: 7, link: Self.link(collector),
            clock: Self.clock(ticks))
        try agent.attach(&heap, as: "main", unsafeRecorder: recorder)
        for _ in 0..<20 {
            try Self.act(&heap)
            ticks.pointee += 1000
            for _ in 0..<5 { agent.poll() }
        }
        Self.drain(&agent)
        heap.withUnsafeControl { WatchedDevice.expect(collector.tables[0], is: $0) }
        #expect(throws: AgentError.recorderIsInUse) {
            var other = try Heap(bytes: 100)
            try agent.attach(&other, as: "other", unsafeRecorder: recorder)
        }
    }

    @Test func intervalsAreTheAgents() throws {
        let collector = TestCollector()
        let ticks = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
        defer { ticks.deallocate() }
        ticks.initialize(to: 0)
        var intervals = AgentIntervals()
        (intervals.frame, intervals.heartbeat) = (50, 300)
        var heap = try Heap(bytes: 1024)
        var agent = try Agent(
            device: "pump-17", link: Self.link(collector), clock: Self.clock(ticks), intervals: intervals)
        try agent.attach(&heap, as: "main")
        for _ in 0..<5 { agent.poll() }
        let before = collector.states.count
        _ = try heap.allocate(byteCount: 5)
        ticks.pointee += 49
        for _ in 0..<5 { agent.poll() }
        #expect(collector.states.count == before)
        ticks.pointee += 1
        for _ in 0..<5 { agent.poll() }
        #expect(collector.states.count == before + 1)
        ticks.pointee += 300
        for _ in 0..<5 { agent.poll() }
        #expect(collector.states.count == before + 2, "a sign of life")
    }

    // MARK: - Who goes first

    @Test func anAgentThatGoesFirstLeavesTheHeapAlone() throws {
        var heap = try Heap(bytes: 4096)
        for _ in 0..<3 {
            let collector = TestCollector()
            var agent = try Agent(device: "pump-17", link: Self.link(collector))
            try agent.attach(&heap, as: "main")
            try Self.act(&heap)
            Self.drain(&agent)
            heap.withUnsafeControl { WatchedDevice.expect(collector.tables[0], is: $0) }
            _ = consume agent
            try Self.act(&heap)
            heap.withUnsafeControl { #expect($0.pointee.observer == nil && $0.pointee.observer_context == nil) }
        }
    }

    @Test func aHeapThatGoesFirstIsKnownToBeEmpty() throws {
        let collector = TestCollector()
        var agent = try Agent(device: "pump-17", link: Self.link(collector))
        do {
            var heap = try Heap(bytes: 4096)
            try agent.attach(&heap, as: "main")
            try Self.act(&heap)
            Self.drain(&agent)
            #expect(collector.tables[0]?.replica.known == 1)
        }
        Self.drain(&agent)
        #expect(collector.tables[0]?.replica.known == 0)
        #expect(collector.verdicts.allSatisfy { $0 == .exact })
        #expect(agent.counters.operationsLost == 0, "the reset tells all")
    }

    /// Otherwise the seventeenth would be one too many.
    @Test func aHeapTakesThePlaceOfAnEndedOneOfItsName() throws {
        let collector = TestCollector()
        var agent = try Agent(device: "pump-17", link: Self.link(collector))
        var other = try Heap(bytes: 8192)
        try agent.attach(&other, as: "other")
        for size in 1...20 {
            var heap = try Heap(bytes: size * 1024)
            try agent.attach(&heap, as: "main")
            if Bool.random() { Self.drain(&agent) }
            try Self.act(&heap)
            try Self.act(&other)
            for _ in 0..<3 { Self.drain(&agent) }
            heap.withUnsafeControl { WatchedDevice.expect(collector.tables[1], is: $0, "heap \(size)") }
            #expect(collector.tables[1]?.replica.layout.size == UInt32(size * 1024))
        }
        other.withUnsafeControl { WatchedDevice.expect(collector.tables[0], is: $0) }
        #expect(collector.tables.count == 2)
        #expect(!collector.verdicts.contains(.diverged))
    }

    // MARK: - What is refused

    @Test func aTransmitBufferThatIsTooSmallIsToldWhatIsNeeded() throws {
        let collector = TestCollector()
        let least = Int(DALLOC_RECORDER_BYTES) * 3 / 2 + 224
        #expect(Agent.leastTransmitBytes == least)
        for bytes in [-1, 0, least - 1, 0x4000_0001] {
            #expect(throws: AgentError.transmitBuffer(bytes: bytes, least: least)) {
                _ = try Agent(device: "pump-17", link: Self.link(collector), transmitBytes: bytes)
            }
        }
        let control = UnsafeMutablePointer<dalloc_agent_t>.allocate(capacity: 1)
        let buffer = UnsafeMutablePointer<InlineArray<100, UInt8>>.allocate(capacity: 1)
        defer {
            control.deallocate()
            buffer.deallocate()
        }
        #expect(throws: AgentError.transmitBuffer(bytes: 100, least: least)) {
            _ = try Agent(
                unsafeControl: control, transmitBuffer: buffer, device: "pump-17", bootID: 7,
                link: Self.link(collector),
                clock: .milliseconds)
        }
        #expect("\(AgentError.transmitBuffer(bytes: 100, least: least))".contains("at least \(least)"))
        _ = try Agent(device: "pump-17", link: Self.link(collector), transmitBytes: least)
    }

    @Test func whatCannotBeSentIsRefused() throws {
        let collector = TestCollector()
        let long = String(repeating: "n", count: 65)
        for device in ["", long, "pump\0"] {
            #expect(throws: AgentError.device) { _ = try Agent(device: device, link: Self.link(collector)) }
        }
        for build in [long, "\0"] {
            #expect(throws: AgentError.build) { _ = try Agent(device: "p", build: build, link: Self.link(collector)) }
        }
        for ticks: UInt32 in [0, 1_000_000_001] {
            #expect(throws: AgentError.clock) {
                let clock = AgentClock(ticksPerSecond: ticks, now: { _ in 0 })
                _ = try Agent(device: "pump-17", link: Self.link(collector), clock: clock)
            }
        }
        #expect(throws: AgentError.link) { _ = try Agent(device: "p", link: AgentLink(unsafe: dalloc_link_t())) }
        var agent = try Agent(device: "pump-17", link: Self.link(collector))
        var heap = try Heap(bytes: 100)
        for name in [String(repeating: "n", count: 33), "ma\0in"] {
            #expect(throws: AgentError.heapName) { try agent.attach(&heap, as: name) }
        }
        try agent.attach(&heap, as: "main")
        #expect(throws: AgentError.heapIsRecorded) { try agent.attach(&heap, as: "main") }
        #expect(throws: AgentError.heapIsRecorded) { try agent.attach(&heap, as: "again") }
        var others: [HeapBox] = []
        for index in 1...15 {
            others.append(try HeapBox())
            try agent.attach(&others[index - 1].heap, as: "heap \(index)")
        }
        #expect(throws: AgentError.tooManyHeaps) {
            var seventeenth = try Heap(bytes: 100)
            try agent.attach(&seventeenth, as: "one too many")
        }
        Self.drain(&agent)
        #expect(collector.tables.count == 16)
    }

    /// Arrays can't hold what can't be copied.
    private final class HeapBox {
        var heap: Heap
        init() throws { heap = try Heap(bytes: 100) }
    }

    @Test func theAgentsOwnClockCountsMilliseconds() async throws {
        let clock = AgentClock.milliseconds
        #expect(clock.ticksPerSecond == 1000)
        let now = try #require(clock.now64)
        let start = now(nil)
        while now(nil) == start {}
        #expect(now(nil) - start < 60_000)
        #expect(clock.now == nil)
    }
}
