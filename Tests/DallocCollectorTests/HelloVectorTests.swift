// SPDX-License-Identifier: Apache-2.0
//
// The HELLOs of schema/wire-vectors as a collector reads them: it looks at texts and at numbers of heaps as well.

import Foundation
import HeapWire
import Testing

@testable import DallocCollector

struct HelloVectorTests {
    private struct Vector: Decodable {
        var name: String
        var line: String
        var malformed: String?
        var by: String?
    }

    private static func vectors(_ name: String) throws -> [Vector] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("schema/wire-vectors/" + name)
        return try JSONDecoder().decode([Vector].self, from: Data(contentsOf: file))
    }

    /// What the collector makes of the frame; nil when it is no sound HELLO.
    private static func read(_ line: String) throws -> DeviceHello? {
        var buffer = [UInt8](repeating: 0, count: WireLimits.payload + WireLimits.checksum)
        return try buffer.withUnsafeMutableBufferPointer { buffer -> DeviceHello? in
            guard let base = buffer.baseAddress else { return nil }
            var reader = FrameReader(buffer: base, capacity: buffer.count)
            for byte in line.split(separator: " ").compactMap({ UInt8($0, radix: 16) }) {
                guard let length = try reader.feed(byte) else { continue }
                guard base[0] == FrameType.hello.rawValue else { return nil }
                return try DeviceHello(payload: UnsafeBufferPointer(start: base, count: length))
            }
            return nil
        }
    }

    @Test func soundHellosAreRead() throws {
        let hellos = try Self.vectors("valid.json").compactMap { try Self.read($0.line) }
        #expect(hellos.count >= 10)
        #expect(hellos.contains { $0.device == "Pumpe Süd" && $0.heaps.first?.name == "主 🫙" })
    }

    @Test func malformedHellosAreRefusedForTheReasonGiven() throws {
        var refused = 0
        for vector in try Self.vectors("malformed.json") {
            do {
                #expect(try Self.read(vector.line) == nil, "\(vector.name)")
                #expect(vector.by == nil, "\(vector.name)")
            } catch let error as Malformed {
                #expect("\(error.words)" == vector.malformed, "\(vector.name)")
                if vector.by != nil { refused += 1 }
            }
        }
        #expect(refused >= 6)
    }
}
