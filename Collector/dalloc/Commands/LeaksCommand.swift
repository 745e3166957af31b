// SPDX-License-Identifier: Apache-2.0
//
// `dalloc leaks`: what grows and does not come back.

import ArgumentParser
import HeapHistory

struct LeaksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leaks",
        abstract: "Rank what grows and does not come back, since when, how fast, and when the heap will be full.",
        discussion: """
            Blocks are grouped by the call that allocated them, where the device tells it (a call site), else by the variable \
            that owns them, else by their size. A group leaks when the lowest use of each hour keeps rising to the end: a cache \
            that fills up and stays is no leak, nor is a job that comes and goes. The rate is the median of all slopes \
            (Theil 1950, Sen 1968), with bounds of 99 % that allow for serial correlation. Without DEVICE, all devices are \
            looked at, and what is the same in several is one line. Blocks without an owner are always listed.

            EXAMPLES
              dalloc leaks sensor-01
              dalloc leaks --build 1.4.2 --since 30d
              dalloc leaks --format json | jq '.leaks[0].sample.device'
            """)

    @Argument(help: "The device's id (default: all devices).", completion: DeviceCompletion.kind)
    var device: String?

    @Option(help: ArgumentHelp("The heap's name or number (default: the lowest number, or all).", valueName: "name|n"))
    var heap: String?

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

    @Option(help: ArgumentHelp("The most leaks to list; the fastest are kept.", valueName: "n"))
    var limit = 100

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit takes 1 to 1000.") }
        if device?.isEmpty == true { throw ValidationError("DEVICE is empty; `dalloc devices` lists the ids.") }
    }

    func run() async throws {
        let range = try TimeRange(since: since, until: until, now: .now, in: options.timezone)
        range.remarks.forEach(StandardStream.note)
        let list = try await options.client().leaks(
            of: device, heap: heap, build: build, during: range, limit: limit)
        try options.show(list) { LeaksView.render(list, on: $0) }
    }
}
