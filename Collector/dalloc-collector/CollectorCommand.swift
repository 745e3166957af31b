// SPDX-License-Identifier: Apache-2.0
//
// The daemon's command line.

internal import CommandSupport
internal import ArgumentParser
internal import DallocCollector
internal import Logging

@main
struct CollectorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dalloc-collector",
        abstract: "Keeps the history of the heaps of a fleet of devices.",
        discussion: """
            EXIT CODES
              0   stopped by SIGTERM or SIGINT; everything acknowledged is stored
              1   an unexpected failure, or `check` has found something, or `ingest` has left something out
              64  the command line makes no sense
              65  the database belongs to another application, `ingest` has found no HELLO, or `doctor` something wrong
              66  a serial path is no tty; with --serial-required or `doctor`, one can't be opened; `ingest` can't read a file
              69  an address can't be listened on, or `ingest --to` reaches no collector
              74  the database can't be opened or written, is damaged (started again, `serve` sets it aside), or was removed
              75  stopped while the disk took no writes: what was not stored was not acknowledged either; or `ingest` may go later
              76  `ingest --to` got an answer that is not a collector's, or that collector takes no frames
            """,
        version: Version.current,
        subcommands: [ServeCommand.self, DoctorCommand.self, IngestCommand.self, CheckCommand.self, BackupCommand.self])
}
