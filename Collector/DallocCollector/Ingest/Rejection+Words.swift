// Why frames are rejected, in words for the log and as labels for monitoring.

internal import HeapWire

extension DeviceSession.Rejection {
    static var allCases: [DeviceSession.Rejection] {
        (UInt8.min...UInt8.max).compactMap(Malformed.init).map { .malformed($0) } + [.beforeHello, .unknownHeap]
    }

    var words: String {
        switch self {
        case .malformed(let malformed): "\(malformed.words)"
        case .beforeHello: "a frame before HELLO"
        case .unknownHeap: "a frame of a heap that HELLO did not announce"
        }
    }

    var label: String {
        switch self {
        case .malformed(let malformed): words(of: malformed)
        case .beforeHello: "before_hello"
        case .unknownHeap: "unknown_heap"
        }
    }

    private func words(of malformed: Malformed) -> String {
        "\(malformed.words)".split(separator: " ").joined(separator: "_")
    }
}
