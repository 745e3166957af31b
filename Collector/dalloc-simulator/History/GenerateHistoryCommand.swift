// SPDX-License-Identifier: Apache-2.0
//
// dalloc-simulator history: a database as a collector has it that has watched a fleet for a month.

import CommandSupport
import ArgumentParser
import DallocCollector
import Dispatch
import Glibc
import HeapHistory
import Logging
import Synchronization

struct GenerateHistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Write the history of a large fleet into a new database, for a collector to go on with.",
        discussion: """
            A few real heaps work for a while first, and what their agents send is recorded. Then every device of the fleet \
            reports one of these recordings, a week at a time, up to now, in the way that a collector stores it. How large a \
            database becomes, and how fast it answers, can be seen before there is a fleet.

            Prints one JSON object when it is done; progress goes to stderr.

            EXAMPLES
              dalloc-simulator history --database month.sqlite
              dalloc-simulator history --database week.sqlite --devices 500 --days 7 --interval 1m
              dalloc-simulator history --database builds.sqlite --devices 500 --builds 1.4.2,1.4.3
              dalloc-collector serve --database month.sqlite
            """)

    @Option(help: ArgumentHelp("A file that does not exist yet.", valueName: "path"))
    var database: String

    @Option(help: "How many devices.")
    var devices = 10_000

    @Option(help: "How many days, up to now.")
    var days = 30

    @Option(help: ArgumentHelp("How often a device reports.", valueName: "time"))
    var interval = Interval(microseconds: 600_000_000)

    @Option(help: "Devices of these that report more often.")
    var watched = 20

    @Option(help: ArgumentHelp("How often they do.", valueName: "time"))
    var watchedInterval = Interval(microseconds: 10_000_000)

    @Option(help: "Operations between two reports, on average.")
    var operations = 20

    @Option(help: "How many different recordings.")
    var streams = 16

    @Option(help: "What device ids start with: fleet-1, fleet-2, …")
    var name = "fleet"

    @Option(
        help: ArgumentHelp("Builds of the firmware. Devices have them in turn.", valueName: "names"))
    var builds = RecordedHeap.build

    @Option(help: "Decides everything that the recorded devices do.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (1...100_000).contains(devices), (0...devices).contains(watched) else {
            throw ValidationError("--devices must be between 1 and 100000, and --watched not more than these.")
        }
        guard (1...3660).contains(days) else { throw ValidationError("--days must be between 1 and 3660.") }
        guard [interval, watchedInterval].allSatisfy({ (1_000_000...86_400_000_000).contains($0.microseconds) }) else {
            throw ValidationError("The intervals must be between 1s and 24h.")
        }
        guard (1...40).contains(operations) else { throw ValidationError("--operations must be between 1 and 40.") }
        guard (1...1000).contains(streams) else { throw ValidationError("--streams must be between 1 and 1000.") }
        guard (1...40).contains(name.utf8.count) else { throw ValidationError("--name must have 1 to 40 bytes.") }
        guard buildNames.count <= 1000, buildNames.allSatisfy({ (1...64).contains($0.utf8.count) }) else {
            throw ValidationError("--builds must be up to 1000 names of 1 to 64 bytes, separated by commas.")
        }
    }

    private var buildNames: [String] {
        builds.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    func run() throws {
        do {
            try finish { try await write() }
        } catch let failure as Failure {
            complain(failure.description)
            throw ExitCode(failure.code)
        }
    }

    /// Waits: an asynchronous command would have threads before the others block the signals that they wait for.
    private func finish(_ work: @escaping @Sendable () async throws -> Void) throws {
        let end = DispatchSemaphore(value: 0)
        let outcome = Mutex<Result<Void, any Error>>(.success(()))
        Task.detached {
            let result = await Result { try await work() }
            outcome.withLock { $0 = result }
            end.signal()
        }
        end.wait()
        try outcome.withLock { $0 }.get()
    }

    private func write() async throws {
        silenceAllocator()
        guard access(database, F_OK) != 0 else {
            throw Failure(code: ExitStatus.cannotCreate, "\(database) exists already: name a new file with --database")
        }
        let history: HistoryImport
        do throws(StoreError) {
            history = try HistoryImport(path: database, logger: Logger(label: "dalloc-simulator"))
        } catch {
            throw Failure(code: ExitStatus.cannotCreate, error.description)
        }
        let fleet = FleetHistory(
            name: name, count: devices, builds: buildNames, days: days,
            ordinary: try recordings(every: interval, count: streams),
            watched: try recordings(every: watchedInterval, count: min(watched, 4)), watchedCount: watched)
        let start = microseconds()
        let written = try await fleet.write(into: history) { day, written in
            complain("day \(day) of \(days), \(written.frames) frames")
        }
        try await history.close()
        let fields = [
            ("devices", "\(devices)"), ("days", "\(days)"), ("boots", "\(written.boots)"),
            ("frames", "\(written.frames)"), ("operations", "\(written.operations)"),
            ("seconds", "\(Double(microseconds() - start) / 1_000_000)"), ("first", "\"\(fleet.start)\""),
            ("last", "\"\(fleet.end)\""),
        ]
        print("{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}")
    }

    /// Weeks of devices that report so often.
    private func recordings(every interval: Interval, count: Int) throws -> [RecordedWeek] {
        try (0..<count).map { index in
            complain("recording \(index + 1) of \(count), a report every \(interval.microseconds / 1_000_000) s")
            return try RecordedWeek(
                every: interval.unsignedMicroseconds, operations: operations,
                seed: seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15 &+ interval.unsignedMicroseconds)
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
