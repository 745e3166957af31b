// SPDX-License-Identifier: Apache-2.0
//
// `dalloc rightsize`: how small could the heap be?

import ArgumentParser
import HeapHistory

struct RightSizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rightsize",
        abstract: "Tell how small heaps and tables could be, and what that would save.",
        discussion: """
            A heap that closes its gaps needs as many bytes as its peak. ENOUGH is what would have been enough for the share \
            --quantile of the device-days that were seen; BOUND is what is enough for that share of all device-days, seen and to \
            come, with 95 % confidence (an order statistic; Wilks 1941). For 0.999 that takes 2,995 device-days.

            EXAMPLES
              dalloc rightsize
              dalloc rightsize --build 1.4.3 --quantile 0.99
              dalloc rightsize --heap net --since 90d --format json
            """)

    @Option(help: ArgumentHelp("Boots with this build only.", valueName: "build"))
    var build: String?

    @Option(help: ArgumentHelp("The heap's name or number (default: all heaps).", valueName: "name|n"))
    var heap: String?

    @Option(help: ArgumentHelp("The share of device-days for which it is to be enough.", valueName: "share"))
    var quantile = 0.999

    @Option(
        help: ArgumentHelp("Beginning of the range (default: 30 days before --until).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var since: MomentArgument?

    @Option(
        help: ArgumentHelp("End of the range (default: now).", valueName: "time"),
        transform: { try MomentArgument.time($0) })
    var until: MomentArgument?

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        guard quantile > 0, quantile < 1 else { throw ValidationError("--quantile takes a share above 0 and below 1.") }
    }

    func run() async throws {
        let range = try TimeRange(since: since, until: until, now: .now, in: options.timezone)
        range.remarks.forEach(StandardStream.note)
        let answer = try await options.client().rightSize(build: build, heap: heap, quantile: quantile, during: range)
        try options.show(answer) { RightSizeView.render(answer, on: $0) }
    }
}
