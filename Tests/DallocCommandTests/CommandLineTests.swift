// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import ArgumentParser
import HeapHistory
import Testing

@testable import dalloc

@Suite struct CommandLineTests {
    private func exitCode(_ words: String...) -> Int32 {
        do {
            _ = try DallocCommand.parseAsRoot(words)
            return 0
        } catch {
            return DallocCommand.exitCode(for: error).rawValue
        }
    }

    @Test func theCommandsOfTheManualParse() {
        #expect(exitCode("devices", "--collector", "10.0.0.7:7421", "--format", "json", "--color", "never") == 0)
        #expect(exitCode("devices", "--watch", "--interval", "0.5") == 0)
        #expect(exitCode("devices", "--build", "1", "--silent", "1h", "--failing", "--usage", ">80%") == 0)
        #expect(exitCode("devices", "--label", "site=berlin", "--label", "owner", "--sort", "last-seen") == 0)
        #expect(exitCode("devices", "--limit", "10000", "--columns", "id, used,last_seen", "--format", "csv") == 0)
        #expect(exitCode("label", "a", "site=berlin", "owner=") == 0)
        #expect(exitCode("detail", "a") == 0)
        #expect(exitCode("detail", "a", "any", "--format", "csv", "--collector", "10.0.0.7:7421") == 0)
        #expect(exitCode("forget", "a", "--yes", "--collector", "10.0.0.7:7421") == 0)
        #expect(exitCode("history", "a", "--heap", "net", "--since", "1h", "--until", "10m", "--step", "1m") == 0)
        #expect(exitCode("snapshot", "a", "--heap", "0", "--at", "#12") == 0)
        #expect(exitCode("moves", "a", "--since", "#1", "--until", "#9", "--limit", "100000") == 0)
        #expect(exitCode("gaps", "a", "--since", "boot:12", "--until", "boot:8f3a01c2", "--format", "csv") == 0)
        #expect(exitCode("snapshot", "a", "--at", "03:12", "--timezone", "Asia/Kolkata", "--format", "ndjson") == 0)
    }

    @Test func whatMakesNoSenseIsAUsageError() {
        for words in [
            ["devices", "--format", "xml"], ["devices", "--collector", "ftp://x"], ["devices", "--interval", "0"],
            ["devices", "--watch", "--format", "json"],
            ["devices", "--usage", "full"], ["devices", "--label", "a b"], ["devices", "--sort", "last_seen_"],
            ["devices", "--limit", "0"], ["devices", "--limit", "10001"], ["devices", "--columns", "id,nothing"],
            ["devices", "--columns", ""], ["devices", "--columns", "id", "--format", "json"],
            ["devices", "--silent", "0s"],
            ["label", "a"], ["label", "", "a=b"], ["label", "a", "b"], ["label", "a", "=b"], ["forget"],
            ["forget", ""],
            ["devices", "--timezone", "Moon"], ["gaps", "a", "--since", "boot:xyz"],
            ["snapshot", "a", "--at", "boot:"],
            ["history"], ["history", ""], ["history", "a", "--heap", ""],
            ["history", "a", "--since", "#1"], ["history", "a", "--step", "0s"], ["snapshot", "a", "--at", "#0"],
            ["moves", "a", "--limit", "0"], ["moves", "a", "--limit", "100001"], ["frobnicate"],
        ] {
            do {
                _ = try DallocCommand.parseAsRoot(words)
                Issue.record("\(words) parsed")
            } catch {
                #expect(DallocCommand.exitCode(for: error).rawValue == Outcome.usage.rawValue, "\(words)")
            }
        }
    }

    @Test func everyOrderIsOneOfTheCollector() {
        #expect(DeviceSort.allCases.map { DeviceOrder(rawValue: $0.parameter) } == DeviceOrder.allCases)
    }

    @Test func theHelpNamesEveryExitCode() {
        let help = DallocCommand.helpMessage(columns: 200)
        for status in Outcome.allCases {
            #expect(help.contains("\(status.rawValue)") && help.contains(status.meaning))
        }
    }

    @Test func everyCommandAnswersAQuestionOfTheHelp() {
        let help = DallocCommand.helpMessage(columns: 200)
        #expect(DallocCommand.configuration.ungroupedSubcommands.isEmpty)
        for group in DallocCommand.configuration.groupedSubcommands {
            #expect(group.name.hasSuffix("?"))
            #expect(help.contains(group.name.uppercased()), "\(help)")
        }
    }

    @Test func everyCommandHasExamples() {
        for command in DallocCommand.configuration.subcommands {
            let name = command.configuration.commandName ?? ""
            #expect(DallocCommand.helpMessage(for: command, columns: 200).contains("EXAMPLES\n  dalloc \(name)"))
        }
    }

    @Test func colourFollowsTheChoiceAndTheEnvironment() {
        func uses(_ choice: ColorChoice, _ isTerminal: Bool, _ environment: [String: String]) -> Bool {
            choice.usesColor(isTerminal: isTerminal, environment: environment)
        }
        #expect(uses(.auto, true, ["TERM": "xterm"]))
        #expect(uses(.auto, true, ["NO_COLOR": ""]))
        #expect(!uses(.auto, true, ["NO_COLOR": "1"]))
        #expect(!uses(.auto, true, ["TERM": "dumb"]))
        #expect(!uses(.auto, false, [:]))
        #expect(uses(.always, false, ["NO_COLOR": "1"]))
        #expect(!uses(.never, true, [:]))
    }

    @Test(arguments: [
        ("--collector http://c devices", "devices --collector http://c"),
        (
            "--format=json --collector http://c moves pump --limit 3",
            "moves --format=json --collector http://c pump --limit 3"
        ),
        ("--timezone Europe/Berlin gaps a", "gaps --timezone Europe/Berlin a"),
        ("devices --collector http://c", "devices --collector http://c"),
        ("--help", "--help"),
        ("--version", "--version"),
        ("--collector devices", "--collector devices"),
        ("help devices", "help devices"),
    ])
    func optionsMayStandBeforeTheSubcommand(given: String, meant: String) {
        let arguments = given.split(separator: " ").map { String($0) }
        #expect(DallocCommand.withSubcommandFirst(arguments).joined(separator: " ") == meant)
    }
}
