// SPDX-License-Identifier: Apache-2.0
//
// `dalloc-collector backup`

internal import ArgumentParser
internal import DallocCollector
internal import Foundation

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies a database, also while a collector writes to it.",
        discussion: """
            The copy is the history of one moment, without unused space. It has its name only when all of it is on disk.

            EXAMPLES
              dalloc-collector backup --database /var/lib/dalloc/fleet.sqlite /backup/fleet-2026-11-23.sqlite
            """)

    @Option(help: ArgumentHelp("The history, an SQLite database.", valueName: "path"))
    var database = "dalloc.sqlite"

    @Argument(help: ArgumentHelp("The copy: a file that does not exist yet.", valueName: "copy"))
    var copy: String

    func run() async throws {
        do throws(StoreError) {
            let bytes = try HistoryBackup.copy(database, to: copy)
            print("\(copy): \(bytes) bytes")
        } catch {
            throw error.exit()
        }
    }
}
