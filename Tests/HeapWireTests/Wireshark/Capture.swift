// SPDX-License-Identifier: Apache-2.0

/// A capture of connections with a collector, as a file in the format of tcpdump (pcap): IPv4 packets, and nothing of a network
/// around them.
struct Capture {
    enum Side: Int {
        case device, collector
        var other: Side { self == .device ? .collector : .device }
    }

    private(set) var bytes: [UInt8]
    private let port: UInt16
    private var microseconds: UInt32 = 0
    /// The number of each side's next byte.
    private var sent: [Int: [UInt32]] = [:]

    init(port: UInt16 = 7420) {
        self.port = port
        let raw: UInt32 = 101
        bytes = Self.little(0xA1B2_C3D4, 0x0004_0002, 0, 0, 65535, raw)
    }

    /// A segment of TCP.
    mutating func send(_ data: some Collection<UInt8>, from side: Side = .device, on connection: Int) {
        var numbers = sent[connection] ?? [1, 1]
        let ports = [UInt16(clamping: 10_000 + connection), port]
        // 20 bytes of header, PSH and ACK; the sums are not looked at.
        let (flags, window): (UInt16, UInt16) = (0x5018, 0xFFFF)
        let segment =
            Self.big(ports[side.rawValue], ports[side.other.rawValue])
            + Self.big(numbers[side.rawValue], numbers[side.other.rawValue]) + Self.big(flags, window, 0, 0) + data
        let addresses: [UInt32] = [0x0A00_0001, 0x0A00_0002]
        // 20 bytes of header; 64 hops, TCP.
        let (version, hops): (UInt16, UInt16) = (0x4500, 0x4006)
        let packet =
            Self.big(version, UInt16(clamping: 20 + segment.count), 0, 0, hops, 0)
            + Self.big(addresses[side.rawValue], addresses[side.other.rawValue]) + segment
        let length = UInt32(clamping: packet.count)
        bytes += Self.little(microseconds / 1_000_000, microseconds % 1_000_000, length, length) + packet
        microseconds += 10
        numbers[side.rawValue] &+= UInt32(clamping: data.count)
        sent[connection] = numbers
    }

    private static func little(_ words: UInt32...) -> [UInt8] {
        words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    private static func big<Number: FixedWidthInteger>(_ numbers: Number...) -> [UInt8] {
        numbers.flatMap { number in
            (0..<(Number.bitWidth / 8)).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
    }
}
