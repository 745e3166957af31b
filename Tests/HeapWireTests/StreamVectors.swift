// SPDX-License-Identifier: Apache-2.0
//
// schema/wire-vectors/streams.json and standings.json: frames that follow each other, and the table after each.

import Foundation
import Testing

struct StreamVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Step: Decodable, Sendable {
        var line: String
        var heap: UInt32?
        var standing: String?
        var table: [String]?
    }

    var name: String
    var steps: [Step]
    var testDescription: String { name }

    var bytes: [UInt8] { steps.flatMap { SpecificationTests.bytes($0.line) } }

    /// Whether `lines` are what the steps say.
    func agrees(with lines: [TableLine]) -> Bool {
        let expected = steps.filter { $0.table != nil }
        return expected.count == lines.count
            && zip(expected, lines).allSatisfy {
                $0.heap == $1.heap && $0.standing == $1.standing && $0.table == $1.table
            }
    }

    static let all: [StreamVector] = ["streams", "standings"].flatMap { name in
        let file = SpecificationTests.schema.appendingPathComponent("wire-vectors/\(name).json")
        return (try? JSONDecoder().decode([StreamVector].self, from: Data(contentsOf: file))) ?? []
    }
}
