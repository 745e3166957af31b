// SPDX-License-Identifier: Apache-2.0
//
// dalloc-simulator: devices for a collector to watch, where there is no hardware.
//
// Exit codes: 0 done; 64 bad usage; 66 the serial line can't be opened; 69 the collector was never reached, or the line is in
// use; 73 the pseudo-terminal's link or the truth file can't be created.

import CommandSupport
import ArgumentParser

@main
struct Simulator: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dalloc-simulator",
        abstract: "Simulates devices whose heaps a dalloc-collector watches.",
        discussion: """
            Without a subcommand, its options are those of `devices`: see `dalloc-simulator help devices`.

            Exit codes: 0 done, 64 bad usage, 66 the serial line can't be opened, 69 the collector was never reached, \
            73 a file can't be created.
            """,
        version: Version.current,
        subcommands: [SimulateCommand.self, LoadCommand.self, GenerateHistoryCommand.self],
        defaultSubcommand: SimulateCommand.self)
}
