// SPDX-License-Identifier: Apache-2.0

/// Writes a list to standard output while it comes, page by page.
struct ListWriter<Element: ListElement> {
    /// Bytes that are written at a time.
    private static var slice: Int { 65_536 }

    private var text: ListText<Element>

    init(_ text: ListText<Element>) { self.text = text }

    /// Nothing is kept of them; without any, csv still has its header line.
    mutating func write(_ elements: some Sequence<Element>) throws {
        for element in elements {
            text.append(element)
            if text.count >= Self.slice { try StandardStream.write(text.take()) }
        }
        try StandardStream.write(text.take())
    }
}
