// SPDX-License-Identifier: Apache-2.0

/// A line of YAML that is not empty, and no comment.
struct YAMLLine {
    var indent: Int
    var text: String

    init(indent: Int, text: String) { (self.indent, self.text) = (indent, text) }

    init?(_ line: Substring) {
        let text = line.drop { $0 == " " }
        guard !text.isEmpty, text.first != "#" else { return nil }
        self.init(indent: line.count - text.count, text: String(text))
    }

    var isItem: Bool { text.hasPrefix("- ") }

    /// The key and what follows its colon; nil for a line without one.
    var key: (key: String, rest: String)? {
        guard let first = text.first, first != "{", first != "[" else { return nil }
        var (key, rest) = (text[...], text[...])
        if first == "\"" {
            guard let end = text.dropFirst().firstIndex(of: "\"") else { return nil }
            (key, rest) = (text.dropFirst()[..<end], text[text.index(after: end)...])
            guard rest.first == ":" else { return nil }
            rest = rest.dropFirst()
        } else if let colon = text.firstRange(of: ": ") {
            (key, rest) = (text[..<colon.lowerBound], text[colon.upperBound...])
        } else {
            guard text.hasSuffix(":") else { return nil }
            (key, rest) = (text.dropLast(), "")
        }
        return (String(key), String(rest.drop { $0 == " " }))
    }
}
