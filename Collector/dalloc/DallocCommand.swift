// SPDX-License-Identifier: Apache-2.0
//
// The root of the command line. Each subcommand is a file under Commands: it parses its words, fetches one answer
// from the collector, and hands it to a pure function under Views.

import CommandSupport
import ArgumentParser
import Foundation

@main
struct DallocCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dalloc",
        abstract:
            "Ask a dalloc-collector who holds the memory, what leaks, what a build changed, and what was in a heap at any moment.",
        discussion: """
            Times are UTC unless they say otherwise; --timezone Europe/Berlin makes them those of Berlin. A moment is a \
            duration before now (30s, 10m, 1h30m, 2d, 1w), an ISO 8601 time (2026-11-23T03:12:00Z, or with an offset: \
            2026-11-23T04:12:00+01:00), seconds since 1970 (@1795403520), the last time that it was 03:12, now, boot:ID \
            (where that boot begins; after --until: where it ends), or, where a command says so, '#SEQUENCE': a \
            frame of the device's current boot, quoted because a shell takes # for a comment.

            ENVIRONMENT
              DALLOC_COLLECTOR  the collector to ask when --collector is not given
              NO_COLOR          when not empty, no colour
              LC_ALL, LC_CTYPE, LANG  the first that is set decides: without UTF-8 in it, pictures are in ASCII
              TERM              dumb: no colour, pictures in ASCII, no second screen

            EXIT CODES
            \(exitCodes)
            """,
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(name: "What is there?", subcommands: [DevicesCommand.self]),
            CommandGroup(name: "Which device is which?", subcommands: [LabelCommand.self, ForgetCommand.self]),
            CommandGroup(name: "How much does a device tell?", subcommands: [DetailCommand.self]),
            CommandGroup(name: "What is wrong?", subcommands: [LeaksCommand.self, TopCommand.self]),
            CommandGroup(name: "What changed with the build?", subcommands: [CompareCommand.self]),
            CommandGroup(name: "What would be enough?", subcommands: [RightSizeCommand.self, WhatIfCommand.self]),
            CommandGroup(
                name: "What was in the heap?",
                subcommands: [HistoryCommand.self, SnapshotCommand.self, DiffCommand.self]),
            CommandGroup(
                name: "What happened?",
                subcommands: [
                    OpsCommand.self, BlockCommand.self, FailuresCommand.self, SummariesCommand.self, BootsCommand.self,
                ]),
            CommandGroup(
                name: "What moved, what is missing?", subcommands: [MovesCommand.self, GapsCommand.self]),
        ])

    private static var exitCodes: String {
        Outcome.allCases.map { status in
            let number = String(status.rawValue)
            return "  " + number.padded(to: 3) + " " + status.meaning
        }.joined(separator: "\n")
    }

    /// What ArgumentParser's own `main` does, with the exit codes of ``CommandFailure`` added.
    static func main() async {
        // A reader that went away is noticed at the write, where it can't be taken for a socket of URLSession's.
        signal(SIGPIPE, SIG_IGN)
        CollectorClient.keepLoopbackOffProxies()
        let arguments = withSubcommandFirst(Array(CommandLine.arguments.dropFirst()))
        if let script = CompletionScript.requested(by: arguments) {
            print(script)
            return
        }
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            StandardStream.note("Error: \(failure)")
            Foundation.exit(failure.status.rawValue)
        } catch let error where exitCode(for: error) == .success {
            // Help, or the version. Of a question that heads commands, ArgumentParser makes "QUESTION? SUBCOMMANDS".
            print(fullMessage(for: error).replacing("? SUBCOMMANDS:\n", with: "?\n"))
            Foundation.exit(Outcome.success.rawValue)
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            StandardStream.note(message(for: error, arguments: arguments))
            Foundation.exit(Outcome.usage.rawValue)
        }
    }

    /// What ArgumentParser says to arguments that make no sense, with a better guess at what was meant.
    static func message(for error: any Error, arguments: [String]) -> String {
        let subcommand = configuration.subcommands.first { $0.configuration.commandName == arguments.first }
        let help = subcommand.map { helpMessage(for: $0, columns: 200) } ?? helpMessage(columns: 200)
        return OptionSuggestion.mend(fullMessage(for: error), names: OptionSuggestion.names(in: help))
    }

    /// `dalloc --collector URL devices` means `dalloc devices --collector URL`: the options belong to the subcommands,
    /// and people write them on either side.
    static func withSubcommandFirst(_ arguments: [String]) -> [String] {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        var index = 0
        while index < arguments.count, arguments[index].hasPrefix("--") {
            guard
                ["--collector", "--timeout", "--format", "--color", "--timezone"].contains(
                    String(arguments[index].prefix { $0 != "=" }))
            else {
                return arguments
            }
            index += arguments[index].contains("=") ? 1 : 2
        }
        guard index > 0, index < arguments.count, names.contains(arguments[index]) else { return arguments }
        return [arguments[index]] + arguments[..<index] + arguments[(index + 1)...]
    }
}
