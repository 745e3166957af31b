// SPDX-License-Identifier: Apache-2.0
//
// The Swift API of the agent that C programs use through dalloc_agent.h.

internal import CDalloc
public import CDallocAgent
public import Dalloc

/// Tells a collector all that happens in the heaps of this device.
///
///     var heap = try Heap(bytes: 16_384)
///     var agent = try Agent(device: "pump-17", build: "1.4.2", link: .tcp("collector.example", port: 7420))
///     try agent.attach(&heap, as: "main")
///     while true { agent.poll() }
///
/// An agent and the heaps that it records belong to one task. Either may end first: a heap that has ended is known to
/// be empty, and one that outlives its agent is recorded no more.
public struct Agent: ~Copyable {
    let control: UnsafeMutablePointer<dalloc_agent_t>
    #if !hasFeature(Embedded)
        private let memory: AgentMemory
    #endif

    /// Starts an agent in memory of the caller's, which must stay valid, where it is, and untouched for as long as the
    /// agent lives. Nothing is allocated: on a device all of it is static.
    /// - Parameters:
    ///   - control: the agent's state.
    ///   - transmitBuffer: frames wait here until the collector has them on disk; ``leastTransmitBytes`` at least.
    ///   - device: unique in the fleet: 1 to 64 bytes of UTF-8.
    ///   - build: the firmware's build: at most 64 bytes of UTF-8.
    ///   - bootID: another one after every reset: a random number, or a counter kept in flash.
    ///   - link: the line to the collector.
    ///   - clock: goes on while the device sleeps.
    ///   - intervals: how often the agent reports, and how long it waits.
    /// - Throws: ``AgentError``; for a buffer that is too small ``AgentError/transmitBuffer(bytes:least:)``.
    public init(
        unsafeControl control: UnsafeMutablePointer<dalloc_agent_t>, transmitBuffer: UnsafeMutableBufferPointer<UInt8>,
        device: AgentName, build: AgentName = "", bootID: UInt32, link: consuming AgentLink, clock: AgentClock,
        intervals: AgentIntervals = AgentIntervals()
    ) throws(AgentError) {
        try Self.start(
            control, transmitBuffer, device.start, build.start, bootID, clock, link.functions, intervals)
        self.control = control
        #if !hasFeature(Embedded)
            memory = AgentMemory(link)
        #endif
    }

    /// The same, with a static array as the transmit buffer:
    ///
    ///     // Safe: only the agent uses it, on the thread that polls, and a global's address never changes.
    ///     nonisolated(unsafe) var buffer = InlineArray<1024, UInt8>(repeating: 0)
    ///     let agent = try Agent(unsafeControl: &control, transmitBuffer: &buffer, …)
    public init<let bytes: Int>(
        unsafeControl control: UnsafeMutablePointer<dalloc_agent_t>,
        transmitBuffer: UnsafeMutablePointer<InlineArray<bytes, UInt8>>,
        device: AgentName, build: AgentName = "", bootID: UInt32, link: consuming AgentLink, clock: AgentClock,
        intervals: AgentIntervals = AgentIntervals()
    ) throws(AgentError) {
        let start = UnsafeMutableRawPointer(transmitBuffer).assumingMemoryBound(to: UInt8.self)
        try self.init(
            unsafeControl: control, transmitBuffer: UnsafeMutableBufferPointer(start: start, count: bytes),
            device: device, build: build, bootID: bootID, link: link, clock: clock, intervals: intervals)
    }

    #if !hasFeature(Embedded)
        /// Starts an agent in memory of its own, which is given back with it.
        /// - Parameters:
        ///   - device: unique in the fleet: 1 to 64 bytes of UTF-8.
        ///   - build: the program's build: at most 64 bytes of UTF-8.
        ///   - bootID: another one for every run.
        ///   - link: the line to the collector.
        ///   - clock: milliseconds by default.
        ///   - intervals: how often the agent reports, and how long it waits.
        ///   - transmitBytes: room for frames that the collector does not have on disk yet; ``leastTransmitBytes`` at least.
        ///   - spool: keeps frames for which there is no room while the collector is away, also over the end of this process; not for
        ///     `.chunks`. nil: what does not fit is lost, and counted.
        /// - Throws: ``AgentError``; for a buffer that is too small ``AgentError/transmitBuffer(bytes:least:)``.
        public init(
            device: String, build: String = "", bootID: UInt32 = .random(in: .min ... .max), link: consuming AgentLink,
            clock: AgentClock = .milliseconds, intervals: AgentIntervals = AgentIntervals(), transmitBytes: Int = 4096,
            spool: AgentSpool? = nil
        ) throws(AgentError) {
            guard let deviceName = OwnedText(device) else { throw .device }
            guard let buildName = OwnedText(build) else { throw .build }
            guard transmitBytes >= Self.leastTransmitBytes, transmitBytes <= Self.mostTransmitBytes else {
                throw .transmitBuffer(bytes: transmitBytes, least: Self.leastTransmitBytes)
            }
            let (functions, control) = (link.functions, AgentPointer.allocate(capacity: 1))
            let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: transmitBytes)
            let memory = AgentMemory(link, owning: control, buffer, names: [deviceName, buildName], spool: spool)
            try Self.start(control, buffer, deviceName.start, buildName.start, bootID, clock, functions, intervals)
            if let spool { try AgentLife.setSpool(control, spool.functions) }
            (self.control, self.memory) = (control, memory)
        }
    #endif

    /// Ends the agent: its heaps are recorded no more, and what the collector does not have yet is lost, but for an agent with
    /// a spool, which keeps it there. ``flush()`` and ``poll()`` until ``isDrained`` before.
    deinit {
        AgentLife.end(control)
    }

    /// The smallest transmit buffer: room for one full frame of operations.
    public static var leastTransmitBytes: Int { Int(dalloc_agent_port_transmit_least(dalloc_agent_port_own_bytes())) }

    /// Lets the agent keep frames in a spool of the caller's, before the first heap is attached: see dalloc_agent_set_spool.
    /// - Parameter spool: must stay valid, where it is, and untouched for as long as the agent lives.
    /// - Throws: ``AgentError/spool``.
    public mutating func setSpool(unsafe spool: UnsafeMutablePointer<dalloc_spool_t>) throws(AgentError) {
        try AgentLife.setSpool(control, spool)
    }

    private static var mostTransmitBytes: Int { 0x4000_0000 }

    /// Records a heap from now on, with a recorder of the caller's.
    /// - Parameters:
    ///   - heap: records to one agent at a time.
    ///   - name: at most 32 bytes of UTF-8.
    ///   - recorder: must stay valid, where it is, and untouched for as long as the agent lives.
    /// - Throws: ``AgentError``.
    public mutating func attach(
        _ heap: inout Heap, as name: AgentName, unsafeRecorder recorder: UnsafeMutablePointer<dalloc_recorder_t>
    ) throws(AgentError) {
        let control = control
        try heap.withUnsafeControl { heap throws(AgentError) in
            try AgentLife.attach(
                control, recorder, heap, name.start, dalloc_agent_port_own_buffer(recorder),
                dalloc_agent_port_own_bytes())
        }
    }

    /// Lets a heap be told of in summaries, in memory of the caller's: see dalloc_agent_summarize.
    /// - Parameters:
    ///   - recorder: one that is attached; of a watched heap, its watch's.
    ///   - summary: must stay valid, where it is, and untouched for as long as the agent lives; so must the sums.
    ///   - sums: room for 0 to 16.
    ///   - interval: ticks from one summary to the next; 0: ``AgentIntervals/keyframe``.
    /// - Throws: ``AgentError/summary``.
    public mutating func summarize(
        unsafeRecorder recorder: UnsafeMutablePointer<dalloc_recorder_t>,
        unsafeSummary summary: UnsafeMutablePointer<dalloc_summary_t>,
        unsafeSums sums: UnsafeMutableBufferPointer<dalloc_sum_t>,
        interval: UInt32 = 0
    ) throws(AgentError) {
        guard sums.count <= Int(DALLOC_SUMMARY_SUMS_MAX) else { throw .summary }
        var config = dalloc_summary_config_t()
        (config.sums, config.sum_count) = (sums.baseAddress, UInt8(truncatingIfNeeded: sums.count))
        config.interval = interval
        try SummaryLife.start(control, recorder, summary, &config)
    }

    /// How much to tell of heaps from now on, until the collector asks for something else: all operations, or summaries.
    public mutating func tellInSummaries(_ summaries: Bool) {
        dalloc_agent_set_level(control, summaries ? DALLOC_AGENT_SUMMARIES : DALLOC_AGENT_FULL)
    }

    #if !hasFeature(Embedded)
        /// Records a heap from now on. One that has ended makes room for a successor of the same name.
        /// - Parameters:
        ///   - heap: records to one agent at a time.
        ///   - name: at most 32 bytes of UTF-8.
        ///   - sums: how many variables, or call sites, a summary tells apart: 0 to 16. They cost nothing while the heap is
        ///     told of in full.
        /// - Throws: ``AgentError``.
        public mutating func attach(_ heap: inout Heap, as name: String, sums: Int = 8) throws(AgentError) {
            guard let text = OwnedText(name) else { throw .heapName }
            guard let summary = SummaryMemory(sums: sums) else { throw .summary }
            let (control, memory, owned) = (control, memory, heap.ownedControl)
            try heap.withUnsafeControl { heap throws(AgentError) in
                if try memory.replaceEnded(heap, owned, named: text, in: control) { return }
                let recorder = RecorderPointer.allocate(capacity: 1)
                do throws(AgentError) {
                    try AgentLife.attach(
                        control, recorder, heap, text.start, dalloc_agent_port_own_buffer(recorder),
                        dalloc_agent_port_own_bytes())
                } catch {
                    recorder.deallocate()
                    throw error
                }
                memory.recorded.append(
                    AgentMemory.Recorded(recorder: recorder, name: text, summary: summary, heap: owned))
                try summary.start(control, recorder)
            }
        }

        /// Why the link is down, or was lost; nil when it never failed.
        public var linkError: String? { memory.linkError() }

        /// Why the spool can't be used, or could not be; nil when it never failed, and where there is none.
        public var spoolError: String? { memory.spoolError() }
    #endif

    /// Gathers what was recorded and exchanges bytes with the collector. Never blocks; call it often.
    public mutating func poll() { dalloc_agent_poll(control) }

    /// Sends what is recorded in the next polls without waiting for the interval: before a planned end, say.
    public mutating func flush() { dalloc_agent_flush(control) }

    /// True when everything recorded so far is on the collector's disk (on a one-way line: on the line).
    public var isDrained: Bool { dalloc_agent_is_drained(control) }

    /// What was sent, repeated and lost.
    public var counters: AgentCounters { AgentCounters(dalloc_agent_counters(control)) }

    private static func start(
        _ control: UnsafeMutablePointer<dalloc_agent_t>, _ buffer: UnsafeMutableBufferPointer<UInt8>,
        _ device: UnsafePointer<CChar>, _ build: UnsafePointer<CChar>, _ bootID: UInt32, _ clock: AgentClock,
        _ link: dalloc_link_t, _ intervals: AgentIntervals
    ) throws(AgentError) {
        guard buffer.count <= mostTransmitBytes else {
            throw .transmitBuffer(bytes: buffer.count, least: leastTransmitBytes)
        }
        var config = dalloc_agent_config_t()
        config.device_id = device
        config.build = build
        config.boot_id = bootID
        config.ticks_per_second = clock.ticksPerSecond
        (config.now, config.now64) = (clock.now, clock.now64)
        config.now_context = clock.context
        config.link = link
        config.transmit_buffer = buffer.baseAddress
        config.transmit_size = UInt32(truncatingIfNeeded: buffer.count)
        config.frame_interval = intervals.frame
        config.heartbeat_interval = intervals.heartbeat
        config.keyframe_interval = intervals.keyframe
        config.reply_timeout = intervals.replyTimeout
        config.greeting_timeout = intervals.greetingTimeout
        config.ack_timeout = intervals.acknowledgementTimeout
        (config.retry_interval, config.retry_limit) = (intervals.retry, intervals.retryLimit)
        try AgentLife.start(control, &config, recorderBytes: dalloc_agent_port_own_bytes())
    }
}
