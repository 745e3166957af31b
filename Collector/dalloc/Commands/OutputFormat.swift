// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// How an answer is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    /// For people: a table, and on a terminal a picture where one says more.
    case table
    /// For programs: the collector's answer as schema/openapi.yaml describes it.
    case json
    /// For programs that read tables: RFC 4180, a header line, the list of the answer.
    case csv
    /// For programs that read lines: the elements of the answer's list, each as JSON on a line of its own.
    case ndjson

    static var allValueDescriptions: [String: String] {
        [
            "table": "for people", "json": "the API's answer", "csv": "its list as rows, with a header line",
            "ndjson": "its list, an element a line",
        ]
    }
}
