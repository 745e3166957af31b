// SPDX-License-Identifier: Apache-2.0
//
// The options of every subcommand that prints an answer: which collector to ask, and how to print it.

import CommandSupport
import ArgumentParser
import Foundation
import HeapHistory

struct CollectorOptions: ParsableArguments {
    @OptionGroup var connection: ConnectionOptions

    @Option(help: "How to print the answer.")
    var format: OutputFormat = .table

    @Option(help: "When to use colour.")
    var color: ColorChoice = .auto

    @Option(
        help: ArgumentHelp(
            "The time zone of times in tables, and of those without an offset in other options, as Europe/Berlin (default: UTC).",
            valueName: "zone"),
        transform: { try Zone(option: $0) })
    var timezone = Zone.utc

    func client() throws -> CollectorClient { try connection.client() }

    /// Prints an answer in the format asked for; what is said about it goes to standard error.
    func show<Answer: ListAnswer>(_ answer: Answer, asTable: (Screen) -> Rendering) throws {
        switch format {
        case .table: return try write(asTable(screen))
        case .json:
            let data = try HistoryCoding.encoder(pretty: true).encode(answer)
            try StandardStream.write(String(decoding: data, as: UTF8.self).withoutControlCodesInJSON + "\n")
        case .csv, .ndjson:
            var list = list(of: Answer.Elements.Element.self)
            try list.write(answer.elements)
            answer.remarks(on: screen).forEach(StandardStream.note)
        }
    }

    /// For csv and ndjson: what prints a list that comes in pages.
    /// - Parameter columns: those of csv; nil for all.
    func list<Element: ListElement>(
        of element: Element.Type, columns: [ListColumn<Element.Row>]? = nil
    ) -> ListWriter<Element> {
        ListWriter(ListText(format == .csv ? .csv : .ndjson, columns: columns ?? Element.columns))
    }

    func write(_ rendering: Rendering) throws {
        try write(rendering.text)
        rendering.remarks.forEach(StandardStream.note)
    }

    func write(_ text: String) throws {
        try StandardStream.write(screen.spelling(text))
    }

    var screen: Screen {
        var screen = Screen.standardOutput(color: color)
        screen.zone = timezone
        return screen
    }
}
