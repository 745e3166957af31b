// SPDX-License-Identifier: Apache-2.0
//
// schema/openapi.yaml as a test asks by it: the operations with their parameters, and the schemas of their answers.

import Foundation
import HeapHistory
import TestSupport

struct DescribedAPI {
    struct Operation {
        var method: String
        var path: String
        var parameters: [DescribedParameter]
        var responses: YAML
        /// It takes frames, or JSON.
        var hasBody: Bool
        var takesJSON: Bool
    }

    private let document: YAML
    private(set) var operations: [Operation] = []

    init() throws {
        let file = Program.repository.appendingPathComponent("schema/openapi.yaml")
        document = try YAML(String(contentsOf: file, encoding: .utf8))
        for (path, methods) in (document["paths"]?.map ?? [:]).sorted(by: { $0.key < $1.key }) {
            for (method, operation) in methods.map {
                let parameters = (operation["parameters"]?.list ?? []).map { parameter in
                    let parameter = resolve(parameter)
                    return DescribedParameter(
                        name: parameter["name"]?.text ?? "", isInPath: parameter["in"]?.text == "path",
                        isRequired: parameter["required"]?.text == "true",
                        schema: resolve(parameter["schema"] ?? .text("")))
                }
                operations.append(
                    Operation(
                        method: method.uppercased(), path: path, parameters: parameters,
                        responses: operation["responses"] ?? .text(""), hasBody: operation["requestBody"] != nil,
                        takesJSON: operation["requestBody"]?["content"]?["application/json"] != nil))
            }
        }
    }

    /// What a reference stands for, with what stands beside it.
    private func resolve(_ node: YAML) -> YAML {
        guard let reference = node["$ref"]?.text else { return node }
        let target = reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .text("") }
        return .map(resolve(target).map.merging(node.map.filter { $0.key != "$ref" }) { $1 })
    }

    /// Why an answer is not what the description says; nil when it is.
    func mismatch(_ answer: RawAnswer, of operation: Operation) -> String? {
        guard let response = operation.responses["\(answer.status)"] ?? operation.responses["default"] else {
            return "the status \(answer.status) is not described"
        }
        guard let contents = resolve(response)["content"]?.map, !contents.isEmpty else {
            return answer.body.isEmpty ? nil : "there is a body"
        }
        let type = answer.headers["content-type"] ?? "of no type"
        guard let (type, content) = contents.first(where: { type.hasPrefix($0.key) }) else {
            return "it is \(type), not \(contents.keys.sorted().joined(separator: " or "))"
        }
        guard type == "application/json" else { return nil }
        // A long answer comes in pieces.
        guard let json = JSONValue(answer.headers["content-length"] == nil ? answer.unchunkedBody : answer.body) else {
            return "it is no JSON"
        }
        return mismatch(json, content["schema"] ?? .text(""), "$")
    }

    private func mismatch(_ value: JSONValue, _ schema: YAML, _ place: String) -> String? {
        let schema = resolve(schema)
        func bound(_ name: String) -> Double? { schema[name]?.text.flatMap { Double($0) } }
        switch (schema["type"]?.text, value) {
        case ("object", .object(let object)):
            for key in schema["required"]?.list ?? [] where object[key.text ?? ""] == nil {
                return "\(place) has no \(key.text ?? "")"
            }
            for (key, value) in object {
                guard let property = schema["properties"]?[key] ?? schema["additionalProperties"] else {
                    return "\(place) has \(key), which is not described"
                }
                if let found = mismatch(value, property, "\(place).\(key)") { return found }
            }
        case ("array", .array(let array)):
            if let most = bound("maxItems"), Double(array.count) > most { return "\(place) has \(array.count) items" }
            for (index, value) in array.enumerated() {
                if let found = mismatch(value, schema["items"] ?? .text(""), "\(place)[\(index)]") { return found }
            }
        case ("string", .string(let text)):
            if let choices = schema["enum"]?.list, !choices.contains(.text(text)) { return "\(place) is \(text)" }
            if schema["format"]?.text == "date-time", Timestamp(text) == nil { return "\(place) is no time: \(text)" }
            if let pattern = schema["pattern"]?.text, text.range(of: pattern, options: .regularExpression) == nil {
                return "\(place) is \(text)"
            }
        case ("number", .number(let number)), ("integer", .number(let number)):
            if schema["type"]?.text == "integer", number != number.rounded() { return "\(place) is \(number)" }
            if bound("minimum").map({ number < $0 }) == true || bound("maximum").map({ number > $0 }) == true {
                return "\(place) is \(number)"
            }
        case ("boolean", .boolean): break
        default: return "\(place) is no \(schema["type"]?.text ?? "described value"): \(value)"
        }
        return nil
    }
}

enum JSONValue: Decodable {
    case object([String: JSONValue])
    case array([JSONValue])
    case string(String)
    case number(Double)
    case boolean(Bool)

    init?(_ text: String) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else { return nil }
        self = value
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            // A null is nothing of these.
            self = .object(try container.decode([String: JSONValue].self))
        }
    }
}

extension RawAnswer {
    /// The pieces of a body in chunks, without their lengths.
    fileprivate var unchunkedBody: String {
        var (rest, text) = (body[...], "")
        while let end = rest.range(of: "\r\n"), let length = Int(rest[..<end.lowerBound], radix: 16), length > 0 {
            let bytes = rest[end.upperBound...].utf8
            guard let last = bytes.index(bytes.startIndex, offsetBy: length, limitedBy: bytes.endIndex) else { break }
            text += rest[end.upperBound..<last]
            rest = rest[last...].dropFirst()
        }
        return text
    }
}
