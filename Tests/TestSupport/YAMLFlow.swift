// SPDX-License-Identifier: Apache-2.0

/// Reads a value that stands on one line: a collection in brackets, or text.
struct YAMLFlow {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// - Parameter isInside: of a collection, where commas and brackets end a text.
    mutating func value(isInside: Bool) throws -> YAML {
        skipBlanks()
        let value: YAML
        switch rest.first {
        case "{":
            var map: [String: YAML] = [:]
            try collection(until: "}") { reader in
                let key = try reader.text(isInside: true, isKey: true)
                guard reader.rest.popFirst() == ":" else { throw reader.failure("a colon") }
                map[key] = try reader.value(isInside: true)
            }
            value = .map(map)
        case "[":
            var list: [YAML] = []
            try collection(until: "]") { reader in list.append(try reader.value(isInside: true)) }
            value = .list(list)
        default: value = .text(try text(isInside: isInside, isKey: false))
        }
        skipBlanks()
        return value
    }

    private mutating func collection(until end: Character, _ element: (inout Self) throws -> Void) throws {
        rest.removeFirst()
        skipBlanks()
        while rest.first != end {
            try element(&self)
            skipBlanks()
            if rest.first == "," {
                rest.removeFirst()
                skipBlanks()
            } else if rest.first != end {
                throw failure("\(end)")
            }
        }
        rest.removeFirst()
    }

    private mutating func text(isInside: Bool, isKey: Bool) throws -> String {
        guard rest.first == "\"" else {
            let plain = rest.prefix { character in
                !(isKey && character == ":")
                    && !(isInside && (character == "," || character == "}" || character == "]"))
            }
            rest = rest[plain.endIndex...]
            return String(plain.reversed().drop { $0 == " " }.reversed())
        }
        rest.removeFirst()
        var text = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return text
            case "\\":
                // Others are not in use.
                guard let escaped = rest.popFirst(), escaped == "\\" || escaped == "\"" else {
                    throw failure("an escape")
                }
                text.append(escaped)
            default: text.append(character)
            }
        }
        throw failure("a quote")
    }

    private mutating func skipBlanks() { rest = rest.drop { $0 == " " } }

    private func failure(_ what: String) -> YAML.Failure {
        YAML.Failure(description: "\(what) is missing before: \(rest)")
    }
}
