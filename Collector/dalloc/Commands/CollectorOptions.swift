// The options that every subcommand has: which collector to ask, and how to print its answer.

import ArgumentParser
import Foundation
import HeapHistory

struct CollectorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The collector's HTTP API (default: $\(CollectorAddress.variable) or \(CollectorAddress.standard)).",
            valueName: "url"))
    var collector: String?

    @Option(help: "How to print the answer.")
    var format: OutputFormat = .table

    @Option(help: "When to use colour: auto means on a terminal, unless NO_COLOR or TERM=dumb speaks against it.")
    var color: ColorChoice = .auto

    func validate() throws {
        _ = try address()
    }

    func client() throws -> CollectorClient {
        CollectorClient(address: try address())
    }

    /// Prints an answer in the format asked for; the remarks of a table go to standard error.
    func show(_ answer: some Encodable, asTable: (Screen) -> Rendering) throws {
        switch format {
        case .json:
            let data = try HistoryCoding.encoder(pretty: true).encode(answer)
            try StandardStream.write(String(decoding: data, as: UTF8.self) + "\n")
        case .table:
            let rendering = asTable(screen)
            try StandardStream.write(rendering.text)
            rendering.remarks.forEach(StandardStream.note)
        }
    }

    var screen: Screen { Screen.standardOutput(color: color) }

    private func address() throws -> CollectorAddress {
        try CollectorAddress(option: collector, environment: ProcessInfo.processInfo.environment)
    }
}
