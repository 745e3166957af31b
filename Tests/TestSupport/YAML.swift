// SPDX-License-Identifier: Apache-2.0
//
// Reads as much of YAML as schema/openapi.yaml is written in: blocks by indentation, flow collections on one line, quoted and plain text,
// and text folded with `>-`. Everything that is no collection is text.

public enum YAML: Equatable, Sendable {
    case text(String)
    case list([YAML])
    case map([String: YAML])

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public init(_ document: String) throws {
        var lines = document.split(separator: "\n").compactMap { YAMLLine($0) }[...]
        self = try Self.block(&lines)
        guard lines.isEmpty else { throw Failure(description: "not read: \(lines.first?.text ?? "")") }
    }

    public subscript(key: String) -> YAML? {
        if case .map(let map) = self { map[key] } else { nil }
    }

    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    public var list: [YAML] {
        if case .list(let list) = self { list } else { [] }
    }

    public var map: [String: YAML] {
        if case .map(let map) = self { map } else { [:] }
    }

    /// The collection that begins with the first line.
    private static func block(_ lines: inout ArraySlice<YAMLLine>) throws -> YAML {
        guard let first = lines.first else { return .text("") }
        return try first.isItem ? items(&lines, first.indent) : pairs(&lines, first.indent)
    }

    private static func items(_ lines: inout ArraySlice<YAMLLine>, _ indent: Int) throws -> YAML {
        var list: [YAML] = []
        while let line = lines.first, line.indent == indent, line.isItem {
            let item = YAMLLine(indent: indent + 2, text: String(line.text.dropFirst(2)))
            lines.removeFirst()
            if item.key == nil {
                list.append(try flow(item.text))
            } else {
                // A block whose first line is on that of the dash.
                lines.insert(item, at: lines.startIndex)
                list.append(try pairs(&lines, item.indent))
            }
        }
        return .list(list)
    }

    private static func pairs(_ lines: inout ArraySlice<YAMLLine>, _ indent: Int) throws -> YAML {
        var map: [String: YAML] = [:]
        while let line = lines.first, line.indent == indent, !line.isItem {
            guard let (key, rest) = line.key else { throw Failure(description: "no key: \(line.text)") }
            lines.removeFirst()
            guard map[key] == nil else { throw Failure(description: "\(key) comes twice") }
            if rest == ">-" {
                let folded = lines.prefix { $0.indent > indent }
                lines.removeFirst(folded.count)
                map[key] = .text(folded.map(\.text).joined(separator: " "))
            } else if rest.isEmpty {
                map[key] = lines.first.map { $0.indent > indent } == true ? try block(&lines) : .text("")
            } else {
                map[key] = try flow(rest)
            }
        }
        return .map(map)
    }

    private static func flow(_ text: String) throws -> YAML {
        var reader = YAMLFlow(text)
        let value = try reader.value(isInside: false)
        guard reader.isAtEnd else { throw Failure(description: "not read to its end: \(text)") }
        return value
    }
}
