// SPDX-License-Identifier: Apache-2.0
//
// The schemas of schema/openapi.yaml, as far as a test needs them: for each its keys and which of them are required.
// Reads the layout of that file (a schema at four blanks, its keys at eight), not YAML in general.

import Foundation

struct OpenAPISchemas {
    struct Schema: Equatable {
        var required: Set<String> = []
        var properties: Set<String> = []
        /// The values of each key that has an `enum`.
        var choices: [String: Set<String>] = [:]
    }

    private(set) var schemas: [String: Schema] = [:]

    init() throws {
        let file = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("schema/openapi.yaml")
        try self.init(yaml: String(contentsOf: file, encoding: .utf8))
    }

    init(yaml: String) {
        var (isInSchemas, name, isInProperties) = (false, "", false)
        for line in yaml.split(separator: "\n", omittingEmptySubsequences: true) {
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            if indent <= 2 { isInSchemas = text == "schemas:" }
            guard isInSchemas, indent > 2, let colon = text.firstIndex(of: ":") else { continue }
            let key = String(text[..<colon])
            switch indent {
            case 4:
                (name, isInProperties) = (key, false)
                schemas[name] = Schema()
            case 6:
                isInProperties = key == "properties"
                if key == "required" { schemas[name]?.required = Self.list(text) }
            case 8 where isInProperties:
                schemas[name]?.properties.insert(key)
                if text.contains("enum:") { schemas[name]?.choices[key] = Self.list(text) }
            default: break
            }
        }
    }

    /// `required: [a, b]` has the elements a and b.
    private static func list(_ text: Substring) -> Set<String> {
        guard let open = text.firstIndex(of: "["), let close = text[open...].firstIndex(of: "]") else { return [] }
        let elements = text[text.index(after: open)..<close].split(separator: ",")
        return Set(elements.map { $0.trimmingCharacters(in: .whitespaces) })
    }
}
