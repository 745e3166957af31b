// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with an agent's configuration, or with a heap that it should record: for Swift an error, for C a code
// (dalloc_agent_error_t) and a sentence (dalloc_agent_error_text).

internal import CDallocAgent

/// Why an ``Agent`` could not be made, or did not take a heap.
public enum AgentError: Error, Equatable, Sendable {
    /// A device's id must have 1 to 64 bytes of UTF-8, without zeros.
    case device
    /// The name of a build must have at most 64 bytes of UTF-8, without zeros.
    case build
    /// A clock must have one of two functions, and 1 to 1,000,000,000 ticks a second.
    case clock
    /// A link must be able to write.
    case link
    /// The transmit buffer of `bytes` bytes is too small for a full frame of operations, or larger than 1 GiB.
    case transmitBuffer(bytes: Int, least: Int)
    /// A heap's name must have at most 32 bytes of UTF-8, without zeros.
    case heapName
    /// An agent records 16 heaps at most.
    case tooManyHeaps
    /// The heap is recorded already, or has another observer.
    case heapIsRecorded
    /// The recorder records another heap.
    case recorderIsInUse
    /// A spool must have all its functions and a length of parts within its range; the agent must have a link that can be
    /// read, which is not `.chunks`, and no heap yet.
    case spool
    /// The heap has no memory. (A `Heap` always has some.)
    case noHeap
    /// A watched heap's alignment, blocks or memory are out of range, or it can be locked but not unlocked.
    case watch
    /// A summary must have at most 16 sums.
    case summary
    /// A recorder's buffer must have 64 to 2560 bytes.
    case recorderBuffer
    /// The agent was not started. (An ``Agent`` always is.)
    case notStarted

    /// In the C API.
    @inline(__always)
    var code: dalloc_agent_error_t {
        switch self {
        case .device: DALLOC_AGENT_ERROR_DEVICE_ID
        case .build: DALLOC_AGENT_ERROR_BUILD
        case .clock: DALLOC_AGENT_ERROR_CLOCK
        case .link: DALLOC_AGENT_ERROR_LINK
        case .transmitBuffer: DALLOC_AGENT_ERROR_TRANSMIT_BUFFER
        case .notStarted: DALLOC_AGENT_ERROR_NOT_STARTED
        case .spool: DALLOC_AGENT_ERROR_SPOOL
        case .noHeap: DALLOC_AGENT_ERROR_NO_HEAP
        case .heapName: DALLOC_AGENT_ERROR_HEAP_NAME
        case .heapIsRecorded: DALLOC_AGENT_ERROR_HEAP_IS_RECORDED
        case .recorderIsInUse: DALLOC_AGENT_ERROR_RECORDER_IN_USE
        case .tooManyHeaps: DALLOC_AGENT_ERROR_TOO_MANY_HEAPS
        case .watch: DALLOC_AGENT_ERROR_WATCH
        case .summary: DALLOC_AGENT_ERROR_SUMMARY
        case .recorderBuffer: DALLOC_AGENT_ERROR_RECORDER_BUFFER
        }
    }
}

#if !hasFeature(Embedded)
    extension AgentError: CustomStringConvertible {
        public var description: String {
            switch self {
            case .device: "a device's id must have 1 to 64 bytes of UTF-8, without zeros"
            case .build: "the name of a build must have at most 64 bytes of UTF-8, without zeros"
            case .clock: "a clock must have one of now and now64, and 1 to 1,000,000,000 ticks a second"
            case .link: "a link must be able to write: give one with a write function"
            case .transmitBuffer(let bytes, let least):
                "a transmit buffer of \(bytes) bytes: it must have at least \(least), and at most 1 GiB"
            case .heapName: "a heap's name must have at most 32 bytes of UTF-8, without zeros"
            case .tooManyHeaps: "an agent records 16 heaps at most: attach this one to another agent"
            case .heapIsRecorded: "the heap is recorded already, or has another observer: attach it once, to one agent"
            case .recorderIsInUse: "the recorder records another heap: give each heap one of its own"
            case .spool:
                "the agent can't use this spool: give it one with all functions, and the agent a link with replies"
            case .noHeap: "the heap has no memory: call heap_init first"
            case .watch:
                "a watched heap must have an alignment that is a power of two, 1 to 1048576 blocks, memory that ends within all addresses, and both of lock and unlock or none"
            case .summary: "a recorder that is attached can have one summary, of 0 to 16 sums"
            case .recorderBuffer: "a recorder's buffer must have 64 to 2560 bytes"
            case .notStarted: "the agent was not started: call dalloc_agent_init first"
            }
        }
    }
#endif
