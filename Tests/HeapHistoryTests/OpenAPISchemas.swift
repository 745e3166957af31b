// SPDX-License-Identifier: Apache-2.0
//
// The schemas of schema/openapi.yaml, as far as a test needs them: for each its keys and which of them are required.

import Foundation
import TestSupport

struct OpenAPISchemas {
    struct Schema: Equatable {
        var required: Set<String> = []
        var properties: Set<String> = []
        /// The values of each key that has an `enum`.
        var choices: [String: Set<String>] = [:]
    }

    let schemas: [String: Schema]

    init() throws {
        let file = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("schema/openapi.yaml")
        let description = try YAML(String(contentsOf: file, encoding: .utf8))
        schemas = (description["components"]?["schemas"]?.map ?? [:]).mapValues { schema in
            func texts(_ list: YAML?) -> Set<String> { Set(list?.list.compactMap(\.text) ?? []) }
            let properties = schema["properties"]?.map ?? [:]
            return Schema(
                required: texts(schema["required"]), properties: Set(properties.keys),
                choices: properties.compactMapValues { $0["enum"].map(texts) })
        }
    }
}
