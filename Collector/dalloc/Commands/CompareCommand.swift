// SPDX-License-Identifier: Apache-2.0
//
// `dalloc compare`: did the new build make it worse?

import ArgumentParser
import HeapHistory

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two builds: peak, use, failures, churn, bytes moved and growth, device by device.",
        discussion: """
            Days of one device are alike, so each device counts once, with the median of its days. A difference is Hodges and \
            Lehmann's shift with the interval of Mann and Whitney; of failures it is the rate per device-day. All intervals \
            together hold with 99.9 %. "Same" means that the difference is below 5 %, whatever it is.

            EXAMPLES
              dalloc compare --build 1.4.2 --build 1.4.3
              dalloc compare --build 1.4.2 --build 1.4.3 --since 14d --heap net
              dalloc compare --build 1.4.2 --build 1.4.3 --format json | jq -r .verdict
            """)

    @Option(help: ArgumentHelp("A build; give two, the older one first.", valueName: "build"))
    var build: [String] = []

    @Option(
        help: ArgumentHelp(
            "The heap's name or number (default: the lowest number of each device).", valueName: "name|n"))
    var heap: String?

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
        guard build.count == 2 else {
            throw ValidationError("name two builds: --build OLD --build NEW; `dalloc devices` lists them.")
        }
        guard build[0] != build[1] else { throw ValidationError("both builds are \(build[0]): name two.") }
    }

    func run() async throws {
        let range = try TimeRange(since: since, until: until, now: .now, in: options.timezone)
        range.remarks.forEach(StandardStream.note)
        let comparison = try await options.client().compare((build[0], build[1]), heap: heap, during: range)
        try options.show(comparison) { CompareView.render(comparison, on: $0) }
    }
}
