// SPDX-License-Identifier: Apache-2.0
//
// A parameter of schema/openapi.yaml, and values that it allows or forbids, percent-encoded.

import TestSupport

struct DescribedParameter {
    var name: String
    var isInPath: Bool
    var isRequired: Bool
    var schema: YAML

    /// What a name can't be, a number, a time or a choice.
    static let garbage = ["%00", "%0A", ""]

    private var choices: [String] { schema["enum"]?.list.compactMap(\.text) ?? [] }

    /// - Parameter known: by the names of parameters, what exists or is too special to be made up.
    func allowed(_ known: [String: [String]]) -> [String] {
        if let values = known[name] { return values }
        if !choices.isEmpty { return choices }
        switch schema["type"]?.text {
        case "boolean": return ["true", "false"]
        case "integer": return ["minimum", "default", "maximum"].compactMap { schema[$0]?.text }
        case "number": return ["0.5", "0.999", "0.000001"]
        default: return known[isBound ? "a bound" : isTime ? "a time" : "a name"] ?? []
        }
    }

    var forbidden: [String] {
        if !choices.isEmpty { return ["nope", choices[0] + "x", "%00", ""] }
        switch schema["type"]?.text {
        case "boolean": return ["yes", "1", ""]
        case "integer":
            let ends = [("minimum", -1), ("maximum", 1)].compactMap { end, step in
                schema[end]?.text.flatMap { Int($0) }.map { "\($0 + step)" }
            }
            return ends + ["x", "", "1.5", "%2B", "9223372036854775808", "-9223372036854775809", "%D9%A1", "0x1"]
        case "number": return ["0", "1", "-1", "nan", "inf", "x", ""]
        case "array": return ["%3Dx", "a%20b", "a%3D%00", ""]
        default:
            if isTime { return ["yesterday", "boot:", "2026-13-01T00:00:00Z", "2026-11-27T25:00:00Z", "%00", ""] }
            return schema["pattern"]?.text?.hasPrefix("^[^") == true || schema["pattern"] == nil
                ? ["%00", "%0A"] : ["%00", "x", ""]
        }
    }

    private var isTime: Bool { isBound || schema["format"]?.text == "date-time" }
    /// A time or a boot.
    private var isBound: Bool { schema["anyOf"] != nil }
}
