// SPDX-License-Identifier: Apache-2.0
//
// The options that every subcommand has: which collector to ask, and how long to wait for it.

import ArgumentParser
import Foundation

struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The collector's HTTP API: a URL, HOST, HOST:PORT or [::1]:PORT (default: $\(CollectorAddress.variable) or "
                + "\(CollectorAddress.standard)).",
            valueName: "url"))
    var collector: String?

    @Option(help: ArgumentHelp("Seconds of silence after which the collector is given up.", valueName: "seconds"))
    var timeout = 10.0

    func validate() throws {
        _ = try address()
        guard (0.1...86_400).contains(timeout) else { throw ValidationError("--timeout takes 0.1 to 86400 seconds.") }
    }

    func client() throws -> CollectorClient {
        CollectorClient(address: try address(), timeout: timeout)
    }

    private func address() throws -> CollectorAddress {
        try CollectorAddress(option: collector, environment: ProcessInfo.processInfo.environment)
    }
}
