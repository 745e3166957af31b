// SPDX-License-Identifier: Apache-2.0
//
// schema/wire-vectors/conversations.json: what a device and a collector say to each other.

import Foundation
import Testing

struct SessionVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Device: Decodable, Sendable {
        var id: String
        var build: String
        var boot: UInt32
        var ticksPerSecond: UInt32
        var tick: UInt32
        var transmitBytes: UInt32
        var isConnection: Bool
        var isOneWay: Bool
    }

    /// One of these, and how it goes on.
    struct Step: Decodable, Sendable {
        var tick: UInt32?
        var heap: [String]?
        var line: String?
        var device: String?
        var collector: String?
        var lost: Bool?
    }

    var name: String
    var device: Device
    var steps: [Step]
    var testDescription: String { name }

    static let all: [SessionVector] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("schema/wire-vectors/conversations.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return (try? decoder.decode([SessionVector].self, from: Data(contentsOf: file))) ?? []
    }()
}
