// `dalloc devices`: the fleet at a glance.

import ArgumentParser
import HeapHistory

struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "List the devices, their links and how full their heaps are.",
        discussion: """
            EXAMPLES
              dalloc devices
              dalloc devices --watch --interval 1
              dalloc devices --format json | jq '.devices[].id'
            """)

    @Flag(help: "Draw again and again until Ctrl-C.")
    var watch = false

    @Option(help: ArgumentHelp("Seconds between two drawings of --watch.", valueName: "seconds"))
    var interval = 2.0

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        guard (0.1...86_400).contains(interval) else {
            throw ValidationError("--interval takes 0.1 to 86400 seconds.")
        }
        if watch && options.format != .table {
            throw ValidationError("--watch draws tables; leave it out with --format \(options.format).")
        }
    }

    func run() async throws {
        let client = try options.client()
        if watch {
            try await LiveView(interval: .milliseconds(Int64(interval * 1000)), color: options.color).run { screen in
                DevicesView.render(try await client.devices(), now: .now, on: screen)
            }
        } else {
            let list = try await client.devices()
            try options.show(list) { DevicesView.render(list, now: .now, on: $0) }
        }
    }
}
