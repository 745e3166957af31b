// SPDX-License-Identifier: Apache-2.0
//
// `dalloc summaries`: what a device told of a heap in place of its operations.

import ArgumentParser
import HeapHistory

struct SummariesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summaries",
        abstract: "List what a device told of a heap in summaries, and who allocated meanwhile.",
        discussion: """
            On a line where each byte costs, a device sums up its operations, every minute or so: how much was allocated by \
            which call, or for which owner. First comes who allocated in the whole range, then a line for each summary. \
            After a failure a summary brings the last operations before it, too.

            With csv, a summary is a row for each of its sums; with --last, csv and ndjson list the last operations instead.

            EXAMPLES
              dalloc summaries meter-07
              dalloc summaries meter-07 --since 1d --last
              dalloc summaries meter-07 --since 30d --limit 0 --format csv
            """)

    /// Summaries that one question asks for: what schema/openapi.yaml allows.
    private static let page = 1000

    @OptionGroup var target: HeapArguments

    @Option(
        help: ArgumentHelp("Beginning of the range (default: one hour before --until).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var since: MomentArgument?

    @Option(
        help: ArgumentHelp("End of the range (default: now).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var until: MomentArgument?

    @Option(help: ArgumentHelp("The most summaries to list, from --since on; 0 for all.", valueName: "n"))
    var limit = 1000

    @Flag(help: "Show the last operations that summaries bring. Those of a failure that is alone are shown anyway.")
    var last = false

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit takes 0 or more.") }
        if limit == 0 || limit > Self.page, options.format == .json {
            throw ValidationError(
                "--limit takes 1 to \(Self.page) with JSON, which is one page: use --format ndjson or csv.")
        }
    }

    func run() async throws {
        let range = try TimeRange(since: since, until: until, now: .now, in: options.timezone)
        range.remarks.forEach(StandardStream.note)
        let client = try options.client()
        var list = try await client.summaries(
            of: target.device, heap: target.heap, during: range, after: nil, limit: size(ofPageAfter: 0))
        if options.format == .json { return try options.show(list) { _ in Rendering(text: "") } }
        var (summaries, operations) = (options.list(of: Summary.self), options.list(of: LastOperation.self))
        var (taken, page) = (0, list.summaries)
        while true {
            taken += page.count
            if options.format != .table {
                // What is written is not kept.
                if last { try operations.write(page.lazy.flatMap(\.lastOperations)) } else { try summaries.write(page) }
            }
            guard limit == 0 || taken < limit, let next = list.next else { break }
            let more = try await client.summaries(
                of: target.device, heap: target.heap, during: range, after: next, limit: size(ofPageAfter: taken))
            (page, list.next) = (more.summaries, more.next)
            if options.format == .table { list.summaries += page }
        }
        if options.format == .table {
            try options.write(SummariesView.render(list, showsLast: last, on: options.screen))
        } else {
            SummariesView.remarks(list, on: options.screen).forEach(StandardStream.note)
        }
    }

    private func size(ofPageAfter taken: Int) -> Int { limit == 0 ? Self.page : min(limit - taken, Self.page) }
}
