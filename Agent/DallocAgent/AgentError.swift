// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with an agent's configuration, or with a heap that it should record: for Swift an error, for C a message.

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
    /// The heap has no memory. (A ``Heap`` always has some.)
    case noHeap
    /// The agent was not started. (An ``Agent`` always is.)
    case notStarted

    /// In the words of the C API. Inlined, so that nothing is left of it where nobody reads messages.
    @inline(__always)
    var message: StaticString {
        switch self {
        case .device: "config.device_id must have 1 to 64 bytes"
        case .build: "config.build must have at most 64 bytes"
        case .clock: "config needs one of now and now64, and ticks_per_second between 1 and 1000000000"
        case .link: "config.link.write is missing"
        case .transmitBuffer: "config.transmit_size must be at least DALLOC_AGENT_TRANSMIT_BYTES_MIN"
        case .heapName: "name must have at most 32 bytes"
        case .tooManyHeaps: "16 heaps are attached already"
        case .heapIsRecorded: "heap is recorded already"
        case .recorderIsInUse: "recorder is attached already"
        case .noHeap: "heap has no memory; call heap_init first"
        case .notStarted: "call dalloc_agent_init first"
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
            case .link: "a link must be able to write"
            case .transmitBuffer(let bytes, let least):
                "a transmit buffer of \(bytes) bytes: it must have at least \(least), and at most 1 GiB"
            case .heapName: "a heap's name must have at most 32 bytes of UTF-8, without zeros"
            case .tooManyHeaps: "an agent records 16 heaps at most"
            case .heapIsRecorded: "the heap is recorded already, or has another observer"
            case .recorderIsInUse: "the recorder records another heap"
            case .noHeap: "the heap has no memory"
            case .notStarted: "the agent was not started"
            }
        }
    }
#endif
