// SPDX-License-Identifier: Apache-2.0
//
// The names that schema/wireshark/heapwire.lua shows are those of the registries in schema/wire.md: all of them, and no others.

import Foundation
import Testing

struct WiresharkRegistryTests {
    private struct Row: Hashable, Comparable, CustomStringConvertible {
        var low: UInt64
        var high: UInt64
        var name: String
        var description: String { "\(low) to \(high): \(name)" }

        static func < (one: Row, other: Row) -> Bool { one.low < other.low }
    }

    /// The cells of the first table after `title`.
    private static func table(_ title: String) throws -> [[String]] {
        let file = SpecificationTests.schema.appendingPathComponent("wire.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let rest = try #require(text.components(separatedBy: title).dropFirst().first, "\(title)")
        let lines = rest.split(separator: "\n").drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
        return lines.dropFirst(2).map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// `5`, `0x20 to 0x3B`, or `from 64 on`.
    private static func range(_ text: String, last: UInt64) throws -> (low: UInt64, high: UInt64) {
        let numbers = try text.split(separator: " ").filter { !["to", "from", "on"].contains($0) }.map { word in
            try #require(word.hasPrefix("0x") ? UInt64(word.dropFirst(2), radix: 16) : UInt64(word), "\(text)")
        }
        let low = try #require(numbers.first, "\(text)")
        return (low, text.hasPrefix("from ") ? last : numbers.last ?? low)
    }

    private static func rows(_ cells: [(numbers: String, name: String)], last: UInt64 = 0) throws -> [Row] {
        try cells.filter { !$0.numbers.isEmpty }.map { numbers, name in
            let range = try range(numbers, last: last)
            // A name may be emphasised.
            let words = name.components(separatedBy: ";")[0].trimmingCharacters(in: ["*"])
            return Row(low: range.low, high: range.high, name: words)
        }.sorted()
    }

    /// What tshark has as names of the values of a field.
    private static func shown(_ field: String) throws -> [Row] {
        try Tshark().list("values").compactMap { cells in
            guard cells.count > 3, cells[1] == field, let low = UInt64(cells[2]) else { return nil }
            let high = cells[0] == "R" ? UInt64(cells[3]) : low
            return high.map { Row(low: low, high: $0, name: cells[cells.count - 1]) }
        }.sorted()
    }

    @Test func frameTypes() throws {
        let cells = try Self.table("**Frame types**").flatMap { [($0[0], $0[1]), ($0[2], $0[3])] }
        // The last ones are told in a sentence.
        let rows = try Self.rows(cells + [("0x80 to 0xFF", "reserved")])
        #expect(rows.count >= 18)
        #expect(try Self.shown("heapwire.type") == rows)
    }

    @Test func extensionFields() throws {
        let rows = try Self.rows(Self.table("**Extension fields**").map { ($0[0], $0[2]) })
        #expect(rows.count >= 5)
        #expect(rows.contains { $0.low == 2 && $0.name == "level" })
        #expect(try Self.shown("heapwire.extension") == rows)
    }

    @Test func capabilities() throws {
        // As many as 256 bytes have bits.
        let rows = try Self.rows(
            Self.table("**Capabilities**\n").map { ($0[0], $0[1].isEmpty ? $0[2] : $0[1]) }, last: 256 * 8 - 1)
        #expect(rows.count >= 5)
        #expect(try Self.shown("heapwire.capability") == rows)
    }

    @Test func levels() throws {
        let rows = try Self.rows(Self.table("**Levels**").map { ($0[0], $0[1]) })
        #expect(rows.count >= 4)
        #expect(try Self.shown("heapwire.level") == rows)
    }

    @Test func skippedOperations() throws {
        let rows = try Self.rows(
            Self.table("**Skipped operations**").map { ($0[0], $0[1].isEmpty ? $0[2] : $0[1]) })
        #expect(rows.count >= 4)
        #expect(try Self.shown("heapwire.operation.skipped") == rows)
    }

    @Test func causes() throws {
        let rows = try Self.rows(Self.table("**Causes**").map { ($0[0], $0[1]) })
        #expect(rows.count == 4)
        #expect(try Self.shown("heapwire.why") == rows)
    }

    @Test func reasons() throws {
        let rows = try Self.rows(Self.table("**Reasons**").map { ($0[0], $0[1]) }, last: UInt64(UInt32.max))
        #expect(rows.count >= 15)
        #expect(try Self.shown("heapwire.reason") == rows)
    }

    @Test func traits() throws {
        let named = try Self.table("**Traits**").filter { !$0[1].isEmpty }
        let rows = try Self.rows(named.map { ($0[0], $0[1]) })
        #expect(rows.count >= 2)
        // Each is a field of its own, with a bit of the sum.
        let shown = try Tshark().list("fields").compactMap { cells -> Row? in
            guard cells.count > 6, cells[2].hasPrefix("heapwire.heap.traits.") else { return nil }
            return UInt64(cells[6].dropFirst(2), radix: 16).map { Row(low: $0, high: $0, name: cells[1]) }
        }
        #expect(shown.sorted() == rows)
    }

    /// The zeros before the one tell the kind; one bit more after three of them, and three bits after four.
    @Test func operations() throws {
        let cells = try Self.table("An operation is its kind").flatMap { cells -> [(String, String)] in
            let bits = cells[0].replacing("`bits(3)`: ", with: "").split(separator: ", ").map { String($0) }
            if cells[0].hasPrefix("…") {
                return try bits.map { bits in
                    (String(8 + (try #require(Int(bits.drop { !$0.isNumber }), "\(bits)"))), cells[1])
                }
            }
            let zeros = bits.prefix { $0 == "0" }.count
            return switch (zeros, bits.last) {
            case (4, let rare?): [("\(8 + (try #require(Int(rare))))", cells[1])]
            case (3, let one?): bits.count == 5 ? [("\(3 + (try #require(Int(one))))", cells[1])] : []
            default: [("\(zeros)", cells[1])]
            }
        }
        let rows = try Self.rows(cells)
        #expect(rows.count == 13)
        #expect(try Self.shown("heapwire.operation") == rows)
    }
}
