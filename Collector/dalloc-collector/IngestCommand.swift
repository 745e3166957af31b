// SPDX-License-Identifier: Apache-2.0
//
// `dalloc-collector ingest`

internal import ArgumentParser
internal import CommandSupport
internal import DallocCollector
internal import Foundation
internal import HeapHistory
internal import Logging

struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Stores frames from files: recordings, spools from flash, what mosquitto_sub prints.",
        discussion: """
            A file holds frames as they come on the line. Streams of several devices may follow each other; each begins with HELLO. `-` reads \
            standard input until it ends. What is stored already is not stored again: running it twice changes nothing.

            Without --to it writes to a database that no collector uses, otherwise to the collector there, which was started with \
            --api-ingest. Times of a file's frames count from --ended, the file's last change unless given; those of standard input from now.

            EXIT CODES
              0   every frame is stored, now or before
              1   frames were left out: they can't be read or taken, or a frame before them is missing
              65  there is no HELLO in it, or the database belongs to another application
              66  a file can't be read, or not to its end
              69  the collector can't be reached
              74  the database can't be opened or written, or is damaged
              75  a collector uses the database, or the collector is busy or the device connected: it may work later
              76  the answer is not a collector's, or the collector takes no frames

            EXAMPLES
              dalloc-collector ingest pump-17.frames --database /var/lib/dalloc/fleet.sqlite
              dalloc-collector ingest spool.bin --one-way --ended 2026-11-26T21:40:00Z
              mosquitto_sub -N -t 'fleet/+/heap' | dalloc-collector ingest - --to http://127.0.0.1:7421
            """)

    @Argument(help: ArgumentHelp("Files with frames; `-` for standard input.", valueName: "file"))
    var files: [String]

    @Option(help: ArgumentHelp("The history, an SQLite database.", valueName: "path"))
    var database = "dalloc.sqlite"

    @Option(help: ArgumentHelp("The API of a collector that runs, instead of a database.", valueName: "url"))
    var to: String?

    @Option(help: ArgumentHelp("When the last frame of each file was recorded.", valueName: "time"))
    var ended: String?

    @Flag(
        help: """
            Frames that are missing will not come any more, as on a line without replies: take those after them, and enter a gap. Otherwise \
            those after them are left out until the missing ones come.
            """)
    var oneWay = false

    @Option(help: "`table` for people, `json` for programs.")
    var format = CheckCommand.Format.table

    func validate() throws {
        if let ended, Timestamp(ended) == nil {
            throw ValidationError("--ended \(ended) is no time: write it as 2026-11-26T21:40:00Z.")
        }
        if let to, PostedFrames.url(to) == nil {
            throw ValidationError("--to \(to) is no address: write it as http://127.0.0.1:7421.")
        }
    }

    func run() async throws {
        var (sum, refusals) = (IngestReport(), 0)
        for file in files {
            let (report, refused) = try await ingest(file)
            sum.add(report)
            refusals += refused
        }
        switch format {
        case .json:
            let encoder = HistoryCoding.encoder(pretty: true)
            print(String(decoding: try encoder.encode(sum), as: UTF8.self))
        case .table: print(words(for: sum))
        }
        if sum.devices == 0 {
            tell("There is no HELLO in it. A recording begins with HELLO, which says whose frames follow.")
            throw ExitCode(ExitStatus.data)
        }
        if sum.outOfOrder > 0 {
            tell(
                "\(sum.outOfOrder) frames were left out, because a frame before them is missing. If it will not come any more, "
                    + "run this again with --one-way.")
        }
        if refusals > 0 { tell("The collector did not take all of the frames, \(refusals) times: see above.") }
        if sum.outOfOrder > 0 || sum.rejected > 0 || refusals > 0 { throw ExitCode(ExitStatus.failure) }
    }

    /// Returns how often the collector did not take all of a body, too.
    private func ingest(_ file: String) async throws -> (IngestReport, refusals: Int) {
        let input: RecordedInput
        do {
            input = try RecordedInput(file, endedAt: ended.flatMap { Timestamp($0) }, isOneWay: oneWay)
        } catch {
            tell("\(file) can't be read: \(error.localizedDescription)")
            throw ExitCode(ExitStatus.noInput)
        }
        defer { input.end() }
        var (report, refusals) = (IngestReport(), 0)
        do {
            if let to, let url = PostedFrames.url(to) {
                while let body = try await input.nextBody() {
                    // What follows is perhaps of another device.
                    if let taken = try await PostedFrames.post(body, to: url, tell) {
                        report.add(taken)
                    } else {
                        refusals += 1
                    }
                }
            } else {
                report = try await RecordingIngest.store(into: database, durability: .power, logger: Self.logger) {
                    try await input.nextBody()
                }
            }
        } catch let error as StoreError {
            let code = error.exit()
            guard error.isInUse else { throw code }
            tell("To hand the frames to that collector, give its API: --to http://127.0.0.1:7421")
            throw ExitCode(ExitStatus.temporary)
        } catch let error as POSIXError {
            let cause = String(cString: strerror(error.code.rawValue))
            tell("\(file) can't be read to its end: \(cause). What came before is stored.")
            throw ExitCode(ExitStatus.noInput)
        }
        let figures = input.figures
        report.devices = figures.devices
        report.rejected = report.rejected.addingClamped(figures.rejected)
        return (report, refusals)
    }

    private static var logger: Logger {
        var logger = Logger(label: "dalloc-collector") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return logger
    }

    private func tell(_ text: String) {
        FileHandle.standardError.write(Data("dalloc-collector: \(text)\n".utf8))
    }

    private func words(for report: IngestReport) -> String {
        [
            ("devices", report.devices), ("frames stored", report.frames), ("stored already", report.repeated),
            ("out of order", report.outOfOrder), ("rejected", report.rejected), ("gaps", report.gaps),
        ].map { name, value in
            name.padding(toLength: 16, withPad: " ", startingAt: 0)
                + String(repeating: " ", count: max(0, 12 - "\(value)".count)) + "\(value)"
        }.joined(separator: "\n")
    }
}
