// SPDX-License-Identifier: Apache-2.0
//
// `dalloc history`: a heap's figures over time.

import CommandSupport
import ArgumentParser
import HeapHistory

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show usage, live blocks, peak, failures and bytes moved over time.",
        discussion: """
            A step in which the device sent nothing has no figures: nothing is interpolated. Gaps, in which operations \
            are known to be missing, are listed below the table. `boot:ID` is the beginning of a boot, as --until its end.

            EXAMPLES
              dalloc history sensor-01
              dalloc history sensor-01 --heap net --since 2d --step 1h
              dalloc history sensor-01 --since 03:00 --until 03:30 --step 10s --timezone Europe/Berlin
              dalloc history sensor-01 --since boot:8f3a01c2 --until boot:8f3a01c2
            """)

    @OptionGroup var target: HeapArguments

    @Option(
        help: ArgumentHelp("Beginning of the range (default: one hour before --until).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var since: MomentArgument?

    @Option(
        help: ArgumentHelp("End of the range (default: now).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var until: MomentArgument?

    @Option(
        help: ArgumentHelp(
            "Width of a point: 1s, 1m, 1h30m (default: about sixty points, so 1m for an hour).",
            valueName: "duration"),
        transform: { try Interval(option: $0) })
    var step: Interval?

    @OptionGroup var options: CollectorOptions

    func run() async throws {
        let range = try TimeRange(since: since, until: until, now: .now, in: options.timezone)
        range.remarks.forEach(StandardStream.note)
        let history = try await options.client().history(
            of: target.device, heap: target.heap, during: range, step: step)
        try options.show(history) { HistoryView.render(history, on: $0) }
    }
}
