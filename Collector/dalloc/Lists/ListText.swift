// SPDX-License-Identifier: Apache-2.0
//
// A list as programs read it: csv after RFC 4180 with a header line, or newline-delimited JSON, an element a line.

import CommandSupport
import HeapHistory

struct ListText<Element: ListElement> {
    enum Format {
        case csv, ndjson
    }

    private let format: Format
    private let columns: [ListColumn<Element.Row>]
    /// What was not taken yet.
    private var text = ""

    /// - Parameter columns: those of csv, in this order.
    init(_ format: Format, columns: [ListColumn<Element.Row>] = Element.columns) {
        (self.format, self.columns) = (format, columns)
        if format == .csv { append(columns.map(\.name)) }
    }

    /// Bytes that ``take()`` would return.
    var count: Int { text.utf8.count }

    /// Returns what was written since the last call: a long list is never in memory as text.
    mutating func take() -> String {
        defer { text = "" }
        return text
    }

    mutating func append(_ element: Element) {
        switch format {
        case .csv:
            for row in element.rows { append(columns.map { $0.value(row).raw }) }
        case .ndjson:
            var json = JSONWriter(reserving: 1024)
            element.write(to: &json)
            text += json.withBytes { String(decoding: $0, as: UTF8.self) }.withoutControlCodesInJSON + "\n"
        }
    }

    private mutating func append(_ fields: [String]) {
        text += fields.map(\.quotedForCSV).joined(separator: ",") + "\r\n"
    }
}

extension String {
    /// Control characters, line ends among them, are gone by now.
    fileprivate var quotedForCSV: String {
        guard utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") }) else { return self }
        return "\"" + replacing("\"", with: "\"\"") + "\""
    }
}
