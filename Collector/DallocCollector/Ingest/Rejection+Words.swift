// SPDX-License-Identifier: Apache-2.0
//
// Why frames are rejected, in words for the log and as labels for monitoring.

internal import HeapWire

extension DeviceSession.Rejection {
    static var allCases: [DeviceSession.Rejection] {
        (UInt8.min...UInt8.max).compactMap(Malformed.init).map { .malformed($0) } + [
            .beforeHello, .unknownHeap, .implausibleJump, .tooManyNewDevices, .tooManyNewBoots,
            .notAuthorised,
        ]
    }

    var words: String {
        switch self {
        case .malformed(let malformed): "\(malformed.words)"
        case .beforeHello: "a frame before HELLO"
        case .unknownHeap: "a frame of a heap that HELLO did not announce"
        case .implausibleJump: "a frame whose number is further ahead than a device can have come"
        case .tooManyNewDevices: "a device that nobody knows, of a peer that has brought too many of them"
        case .tooManyNewBoots: "a boot that nobody knows, of a device that has brought too many of them"
        case .notAuthorised: "a HELLO of a device that its peer has not proved to be"
        }
    }

    var label: String {
        switch self {
        case .malformed(let malformed): words(of: malformed)
        case .beforeHello: "before_hello"
        case .unknownHeap: "unknown_heap"
        case .implausibleJump: "implausible_jump"
        case .tooManyNewDevices: "too_many_new_devices"
        case .tooManyNewBoots: "too_many_new_boots"
        case .notAuthorised: "not_authorised"
        }
    }

    private func words(of malformed: Malformed) -> String {
        "\(malformed.words)".split(separator: " ").joined(separator: "_")
    }
}
