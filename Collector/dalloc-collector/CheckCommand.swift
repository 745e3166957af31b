// SPDX-License-Identifier: Apache-2.0
//
// `dalloc-collector check`

internal import ArgumentParser
internal import DallocCollector
internal import Foundation

struct CheckCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json
    }

    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Reads a whole database, replays every frame, and tells what is wrong with it.",
        discussion: """
            Changes nothing, and may run while a collector writes to the database. Ends with exit code 0 when all is well, and
            with 1 when something is not.

            EXAMPLES
              dalloc-collector check --database /var/lib/dalloc/fleet.sqlite
              dalloc-collector check --database backup.sqlite --format json
            """)

    @Option(help: ArgumentHelp("The history, an SQLite database.", valueName: "path"))
    var database = "dalloc.sqlite"

    @Option(help: "`table` for people, `json` for programs.")
    var format = Format.table

    func run() async throws {
        let check: HistoryCheck
        do throws(StoreError) {
            let progress = Progress()
            defer { progress.end() }
            check = try HistoryCheck(path: database) { progress.show($0, $1) }
        } catch {
            throw error.exit()
        }
        switch format {
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(check), as: UTF8.self))
        case .table: print(words(for: check))
        }
        if check.findingCount > 0 { throw ExitCode(1) }
    }

    private func words(for check: HistoryCheck) -> String {
        let figures = [
            ("devices", check.devices), ("boots", check.boots), ("heaps", check.heaps), ("frames", check.frames),
            ("verified by digest", check.verifiedFrames), ("beginnings not kept", check.unverifiableFrames),
            ("gaps", check.gaps),
        ]
        var lines = figures.map { name, value in
            name.padding(toLength: 20, withPad: " ", startingAt: 0)
                + String(repeating: " ", count: max(0, 12 - "\(value)".count))
                + "\(value)"
        }
        lines.append("")
        lines += check.findings
        let more = check.findingCount - check.findings.count
        if more > 0 { lines.append("… and \(more) more.") }
        if check.findingCount == 0 { lines.append("\(check.database) is sound.") }
        return lines.joined(separator: "\n")
    }
}
