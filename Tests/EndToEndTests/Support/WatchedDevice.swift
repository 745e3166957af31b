// SPDX-License-Identifier: Apache-2.0
//
// A device inside the test, with a real heap and a real agent, for what the simulator does not do: a line that only sends,
// buffers that are too small, an agent that starts again.

import CDalloc
import CDallocAgent
import CPOSIXLink
import Dalloc
import DallocAgent
import Foundation
import HeapHistory
import POSIXLink
import TestSupport

final class WatchedDevice {
    let id: String
    let boot: UInt32
    /// What the heap was at each frame.
    private(set) var truth: [Int: TruthRecord] = [:]
    /// The frames that completed a keyframe.
    private(set) var keyframes: [Int] = []
    private(set) var operations = 0

    private let heap = zeroed(heap_t.self)
    private let agent = zeroed(dalloc_agent_t.self)
    private let recorder = zeroed(dalloc_recorder_t.self)
    private let link = zeroed(dalloc_posix_link_t.self)
    private let memory = UnsafeMutableRawPointer.allocate(byteCount: 8192, alignment: 16)
    private let variables = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 60)
    private let spool: UnsafeMutablePointer<dalloc_spool_t>?
    private var config = dalloc_agent_config_t()
    private let heapName = UnsafePointer(strdup("main"))
    private var random: SeededNumbers

    /// Milliseconds.
    static let keyframeInterval: UInt32 = 300

    /// A device whose frames the test carries.
    convenience init(_ id: String, hasReplies: Bool, seed: UInt64) throws {
        try self.init(
            id, port: 0, boot: 7, isOneWay: !hasReplies, transmit: 65_536, seed: seed,
            carried: dalloc_agent_chunk_link(hasReplies))
    }

    init(
        _ id: String, port: Int, boot: UInt32, isOneWay: Bool, transmit: Int, seed: UInt64,
        carried: dalloc_link_t? = nil, spool: UnsafeMutablePointer<dalloc_spool_t>? = nil
    ) throws {
        (self.id, self.boot, self.spool) = (id, boot, spool)
        random = SeededNumbers(state: seed)
        variables.initialize(repeating: nil, count: 60)
        heap_init(heap, memory, 8192)
        config.device_id = UnsafePointer(strdup(id))
        config.build = UnsafePointer(strdup("1.0.0"))
        config.boot_id = boot
        config.ticks_per_second = 1000
        config.now = dalloc_posix_milliseconds
        config.link = dalloc_tcp_link(link, strdup("127.0.0.1"), UInt16(port))
        if isOneWay { config.link.read = nil }
        if let carried {
            config.link = carried
            config.longest_frame = 800
        }
        config.transmit_buffer = .allocate(capacity: transmit)
        config.transmit_size = UInt32(transmit)
        config.frame_interval = 10
        config.keyframe_interval = Self.keyframeInterval
        config.reply_timeout = 200
        (config.retry_interval, config.retry_limit) = (50, 200)
        try attach()
    }

    deinit {
        dalloc_posix_link_close(link)
        heap.deallocate()
        agent.deallocate()
        recorder.deallocate()
        link.deallocate()
        memory.deallocate()
        variables.deallocate()
        config.transmit_buffer.deallocate()
    }

    var lastFrame: Int { Int(agent.pointee.next_sequence) - 1 }
    /// The last frame that is out of its memory.
    var lastKept: Int { Int(agent.pointee.oldest_sequence) - 1 }
    /// Operations that did not fit in the recorder since the agent was started.
    var lost: Int { Int(dalloc_agent_counters(agent).operations_lost) }
    /// Connections that were lost or given up.
    var linksLost: Int { Int(dalloc_agent_counters(agent).links_lost) }
    var isDrained: Bool { dalloc_agent_is_drained(agent) }
    /// Why the link is down or was lost.
    var linkError: String { dalloc_posix_link_error(link).map { String(cString: $0) } ?? "" }

    /// A little work, and a poll.
    func work() {
        for _ in 0..<8 { act() }
        poll()
    }

    func poll() {
        let (next, keyframe) = (agent.pointee.next_sequence, recorder.pointee.keyframe_tick)
        dalloc_agent_poll(agent)
        guard agent.pointee.next_sequence != next else { return }
        // Two frames of one poll are of one moment.
        let record = table()
        for sequence in Int(next)...lastFrame { truth[sequence] = record }
        if recorder.pointee.keyframe_tick != keyframe { keyframes.append(lastFrame) }
    }

    /// The next frames, at most a kilobyte with HELLO before them; nil when there are none.
    func takeChunk() -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 1024)
        let count = dalloc_agent_take_chunk(agent, &chunk, UInt32(chunk.count), true)
        return count > 0 ? Array(chunk.prefix(Int(count))) : nil
    }

    func give(_ replies: [UInt8]) { dalloc_agent_give_replies(agent, replies, UInt32(replies.count)) }

    /// Starts the agent again, as if it had never run, with the same boot id. Returns when the collector has told how far it was.
    func restartAgent() async throws {
        try attach()
        let streaming: UInt8 = 3
        try await wait(for: "WELCOME") {
            // Not poll(): what it counts before it knows is not what is stored under these numbers.
            dalloc_agent_poll(agent)
            return agent.pointee.state == streaming
        }
    }

    private func attach() throws {
        guard dalloc_agent_init(agent, &config) == DALLOC_AGENT_OK,
            spool.map({ dalloc_agent_set_spool(agent, $0) }) ?? DALLOC_AGENT_OK == DALLOC_AGENT_OK,
            dalloc_agent_attach(agent, recorder, heap, heapName) == DALLOC_AGENT_OK
        else { throw TimedOut(description: "the agent refused its configuration") }
    }

    private func act() {
        operations += 1
        let slot = Int.random(in: 0..<60, using: &random)
        if variables[slot] == nil {
            dalloc(heap, .random(in: 1...200, using: &random), variables + slot)
        } else if Int.random(in: 0..<4, using: &random) == 0 {
            _ = drealloc(heap, .random(in: 1...200, using: &random), variables + slot)
        } else {
            dfree(heap, variables + slot, USING_PTR_ADDRESS)
        }
    }

    /// From the allocator's own table: recorder, format and collector have no part in it.
    private func table() -> TruthRecord {
        let count = Int(heap.pointee.alloc_info.allocations_num)
        let entries = UnsafeBufferPointer(start: dalloc_port_table(heap), count: count)
        let base = UInt64(UInt(bitPattern: memory))
        return TruthRecord(
            device: id, heap: 0, sequence: lastFrame, offset: Int(heap.pointee.offset),
            table: entries.map { entry in
                TruthRecord.Block(
                    offset: Int(entry.offset), address: Address(base + UInt64(entry.offset)),
                    size: Int(entry.allocated_size), owner: entry.ptr.map { Address(UInt64(UInt(bitPattern: $0))) })
            })
    }
}

/// Memory for one C struct, all zeros.
private func zeroed<T>(_: T.Type) -> UnsafeMutablePointer<T> {
    let pointer = UnsafeMutablePointer<T>.allocate(capacity: 1)
    UnsafeMutableRawPointer(pointer).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<T>.size)
    return pointer
}

/// SplitMix64: the same numbers for the same seed.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
