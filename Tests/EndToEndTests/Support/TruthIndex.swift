// SPDX-License-Identifier: Apache-2.0
//
// A truth file, which may be far larger than memory should hold decoded: where in it each frame's table stands.

import Foundation

struct TruthIndex {
    private let data: Data
    private var lines: [Int: Range<Int>] = [:]

    private static let key = Data("\"sequence\":".utf8)

    init(_ path: String) throws {
        data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        var start = 0
        while let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
            // Numbers that come again are a device's that went on after an earlier run.
            if let key = data.range(of: Self.key, in: start..<end), let sequence = Self.number(data[key.upperBound...])
            {
                lines[sequence] = start..<end
            }
            start = end + 1
        }
    }

    /// The last frame that has been written to the file so far; 0 when there is none.
    static func last(_ path: String) throws -> Int {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let end = try file.seekToEnd()
        try file.seek(toOffset: end - min(end, 65_536))
        let tail = try file.readToEnd() ?? Data()
        return tail.range(of: key, options: .backwards).flatMap { number(tail[$0.upperBound...]) } ?? 0
    }

    private static func number(_ text: Data) -> Int? {
        Int(String(decoding: text.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }, as: UTF8.self))
    }

    subscript(sequence: Int) -> TruthRecord? {
        get throws {
            try lines[sequence].map { try JSONDecoder().decode(TruthRecord.self, from: data[$0]) }
        }
    }

    func has(_ sequence: Int) -> Bool { lines[sequence] != nil }
}
