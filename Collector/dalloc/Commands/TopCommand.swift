// SPDX-License-Identifier: Apache-2.0
//
// `dalloc top`: the heaps of the fleet that stand out.

import ArgumentParser
import HeapHistory

struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "List the worst heaps of the fleet: the fullest, those that failed, those with the most work.",
        discussion: """
            --by usage is how full heaps are now; the others look at whole days in UTC: peak (how full at the worst moment), \
            failures, churn (allocations an hour) and moved (bytes an hour that compaction moved). How long compaction took \
            devices don't tell; the bytes that it moved are what that time grows with.

            EXAMPLES
              dalloc top
              dalloc top --by failures --since 30d
              dalloc top --by moved --build 1.4.3 --limit 5
            """)

    @Option(
        help: ArgumentHelp("What to rank by: usage, peak, failures, churn or moved.", valueName: "figure"),
        completion: .list(TopList.Figure.allCases.map(\.rawValue)), transform: { try Self.figure($0) })
    var by = TopList.Figure.usage

    @Option(help: ArgumentHelp("Boots with this build only.", valueName: "build"))
    var build: String?

    @Option(
        help: ArgumentHelp("Beginning of the range (default: a week before --until).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var since: MomentArgument?

    @Option(
        help: ArgumentHelp("End of the range (default: now).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var until: MomentArgument?

    @Option(help: ArgumentHelp("The most heaps to list.", valueName: "n"))
    var limit = 20

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit takes 1 to 1000.") }
    }

    func run() async throws {
        let range = try TimeRange(since: since, until: until, now: .now, in: options.timezone)
        range.remarks.forEach(StandardStream.note)
        let list = try await options.client().top(by: by, build: build, during: range, limit: limit)
        try options.show(list) { TopView.render(list, on: $0) }
    }

    private static func figure(_ text: String) throws -> TopList.Figure {
        if let figure = TopList.Figure(rawValue: text) { return figure }
        if text == "compaction-time" {
            throw ValidationError(
                "devices don't tell how long compaction took; --by moved ranks by the bytes that it moved, which that time grows with."
            )
        }
        let names = TopList.Figure.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--by takes \(names), not '\(text)'.")
    }
}
