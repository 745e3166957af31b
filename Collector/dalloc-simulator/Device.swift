// SPDX-License-Identifier: Apache-2.0
//
// One device. Its time is virtual: operations and polls happen at times that the seed decides, and run(until:) lets
// them happen as real time goes by. Nothing that a frame holds depends on when exactly that is.

internal import CommandSupport
internal import CDalloc
internal import CDallocAgent
internal import CPOSIXLink
internal import Dalloc
internal import DallocAgent
internal import Glibc
internal import POSIXLink

final class Device {
    let id: String
    let heap: UnsafeMutablePointer<heap_t>
    let agent: UnsafeMutablePointer<dalloc_agent_t>
    let link: UnsafeMutablePointer<dalloc_posix_link_t>
    let isAtItsAddress: Bool
    /// Milliseconds: what its agent takes for the time.
    let clock: UnsafeMutablePointer<UInt32>

    private let recorder: UnsafeMutablePointer<dalloc_recorder_t>
    private let programHeap: ProgramHeap
    private var program: any Program
    private var random: SeededRandom
    private let meanGap: UInt64
    private let firstTick: UInt32
    private var nextOperation: UInt64
    private var nextPoll: UInt64 = 0
    private var operationsSincePoll = 0

    /// Microseconds between two polls, and operations that make one due earlier: the recorder never fills.
    private static let pollInterval: UInt64 = 10_000
    private static let pollOperations = 8

    /// The agent, the link and their buffers are never freed: a device lasts as long as the process.
    init(_ specification: DeviceSpecification, index: Int) throws {
        id = specification.id
        guard let memory = DeviceMemory(index: index, heapSize: specification.heapSize) else {
            throw Failure(
                code: ExitStatus.system, "no memory for device \(id): start fewer, or give them smaller heaps")
        }
        isAtItsAddress = memory.isAtItsAddress
        heap = .zeroed()
        agent = .zeroed()
        link = .zeroed()
        recorder = .zeroed()
        clock = .zeroed()
        programHeap = ProgramHeap(heap: heap, owners: memory.owners, operations: .zeroed())
        program = specification.workload.makeProgram(heapSize: specification.heapSize)
        random = SeededRandom(seed: specification.seed)
        firstTick = specification.clock
        clock.pointee = firstTick
        meanGap = UInt64(1_000_000 / max(1, specification.rate))
        nextOperation = random.exponential(mean: meanGap)

        heap_init(heap, memory.heap, specification.heapSize)
        var config = dalloc_agent_config_t()
        config.device_id = UnsafePointer(strdup(specification.id))
        config.build = UnsafePointer(strdup(specification.build))
        config.boot_id = specification.boot
        config.ticks_per_second = 1000
        config.now = { context in context?.load(as: UInt32.self) ?? 0 }
        config.now_context = UnsafeMutableRawPointer(clock)
        config.frame_interval = specification.frameInterval
        config.retry_interval = min(specification.retryLimit, 1000)
        config.retry_limit = specification.retryLimit
        config.transmit_buffer = .allocate(capacity: Int(specification.transmitSize))
        config.transmit_size = specification.transmitSize
        switch specification.line {
        case .tcp(let address): config.link = dalloc_tcp_link(link, strdup(address.host), address.port)
        case .serial(let line): config.link = dalloc_serial_link(link, strdup(line.path), line.baud)
        case .descriptor(let descriptor): config.link = dalloc_descriptor_link(link, descriptor)
        case .recording(let recording): config.link = recording.link
        }
        guard dalloc_agent_init(agent, &config) == DALLOC_AGENT_OK,
            dalloc_agent_attach(agent, recorder, heap, strdup("main")) == DALLOC_AGENT_OK,
            canSummarize(specification.summaryInterval)
        else { throw Failure(code: ExitStatus.software, "the agent of device \(id) refused its configuration") }
    }

    /// A collector may ask for summaries.
    private func canSummarize(_ interval: UInt32) -> Bool {
        var config = dalloc_summary_config_t()
        config.interval = interval
        (config.sums, config.sum_count) = (.allocate(capacity: Self.sums), UInt8(Self.sums))
        return dalloc_agent_summarize(agent, recorder, .allocate(capacity: 1), &config) == DALLOC_AGENT_OK
    }

    private static let sums = 12

    var operations: UInt64 { programHeap.operations.pointee }

    var wasReached: Bool { link.pointee.connections > 0 }

    var linkError: String { dalloc_posix_link_error(link).map { String(cString: $0) } ?? "" }

    /// Lets everything happen that is due before `time`, in microseconds since the start.
    func run(until time: UInt64, _ truth: TruthFile?) {
        while min(nextOperation, nextPoll) < time {
            if nextOperation < nextPoll {
                setClock(nextOperation)
                program.step(programHeap, &random)
                nextOperation += max(1, random.exponential(mean: meanGap))
                operationsSincePoll += 1
                if operationsSincePoll == Self.pollOperations { poll(truth) }
            } else {
                setClock(nextPoll)
                poll(truth)
                nextPoll += Self.pollInterval
            }
        }
    }

    /// The program ends at `time`; what is recorded goes out now, and nothing more is cut after it.
    func finish(at time: UInt64, _ truth: TruthFile?) {
        setClock(time)
        dalloc_agent_flush(agent)
        poll(truth)
        // The longest that an agent can tell from the past.
        agent.pointee.config.heartbeat_interval = 0x7FFF_FFFF
        agent.pointee.config.keyframe_interval = 0x7FFF_FFFF
    }

    func poll(_ truth: TruthFile?) {
        operationsSincePoll = 0
        let next = agent.pointee.next_sequence
        dalloc_agent_poll(agent)
        if agent.pointee.next_sequence != next { truth?.write(self) }
    }

    func setClock(_ microseconds: UInt64) {
        clock.pointee = firstTick &+ UInt32(truncatingIfNeeded: microseconds / 1000)
    }
}

extension UnsafeMutablePointer {
    /// Memory for one C struct (or number), all zeros.
    fileprivate static func zeroed() -> Self {
        let pointer = Self.allocate(capacity: 1)
        UnsafeMutableRawPointer(pointer).initializeMemory(
            as: UInt8.self, repeating: 0, count: MemoryLayout<Pointee>.size)
        return pointer
    }
}
