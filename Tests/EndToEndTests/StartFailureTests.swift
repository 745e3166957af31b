// SPDX-License-Identifier: Apache-2.0
//
// What can't work says so in one sentence, with the way out, and ends with its documented exit code.

import Foundation
import FoundationNetworking
import GRDB
import HeapHistory
import TestSupport
import Testing

@testable import DallocCollector

struct StartFailureTests {
    private func serve(_ arguments: [String], _ scratch: Scratch) async throws -> Program.Finished {
        try await Program.run("dalloc-collector", ["serve"] + arguments, in: scratch)
    }

    private func expect(_ end: Program.Finished, _ status: Int32, _ words: String...) {
        #expect(end.status == status, "\(end.errors)")
        let sentence = end.errors.split(separator: "\n").last.map { String($0) } ?? ""
        for word in words { #expect(sentence.contains(word), "\(sentence)") }
        #expect(end.output.isEmpty)
    }

    @Test func aDatabaseThatIsNoneIsLeftAlone() async throws {
        let scratch = try Scratch()
        let text = String(repeating: "this is a letter, not a database\n", count: 100)
        try text.write(toFile: scratch["letter"], atomically: true, encoding: .utf8)
        expect(try await serve(["--database", scratch["letter"]], scratch), 65, "letter", "--database")
        #expect(try String(contentsOfFile: scratch["letter"], encoding: .utf8) == text)
    }

    @Test func aDatabaseOfAnotherApplicationIsLeftAlone() async throws {
        let scratch = try Scratch()
        let queue = try DatabaseQueue(path: scratch["theirs.sqlite"])
        try await queue.write { try $0.execute(sql: "CREATE TABLE letters (text)") }
        try queue.close()
        expect(
            try await serve(["--database", scratch["theirs.sqlite"]], scratch), 65, "another application", "--database")
        let tables = try await DatabaseQueue(path: scratch["theirs.sqlite"]).read {
            try String.fetchAll($0, sql: "SELECT name FROM sqlite_master")
        }
        #expect(tables == ["letters"])
    }

    @Test func aDatabaseInAFolderThatDoesNotExist() async throws {
        let scratch = try Scratch()
        expect(try await serve(["--database", scratch["no/such/folder.sqlite"]], scratch), 74, "can't be opened")
    }

    @Test func aDatabaseThatAnotherCollectorWritesTo() async throws {
        let collector = try await RunningCollector(Scratch())
        let arguments = ["--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--database", collector.database]
        expect(try await serve(arguments, collector.scratch), 74, "another dalloc-collector", "--database")
        try await collector.kill()
        try await collector.restart()
        #expect(try await collector.stop() == 0)
    }

    @Test func aDatabaseOfALaterVersionIsLeftAlone() async throws {
        let collector = try await RunningCollector(Scratch())
        #expect(try await collector.stop() == 0)
        // What the test writes has checksums too.
        _ = try DatabaseFile(collector.database)
        let queue = try DatabaseQueue(path: collector.database)
        try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('later')") }
        _ = try await queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try queue.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: collector.database))
        expect(
            try await serve(["--database", collector.database], collector.scratch), 74, "a later version",
            "Use that version")
        let after = try Data(contentsOf: URL(fileURLWithPath: collector.database))
        #expect(after == before)
    }

    @Test func aHistoryOfHeapWire1IsRefusedAndLeftAlone() async throws {
        let collector = try await RunningCollector(Scratch())
        #expect(try await collector.stop() == 0)
        _ = try DatabaseFile(collector.database)
        let queue = try DatabaseQueue(path: collector.database)
        try await queue.write {
            try $0.execute(sql: "DELETE FROM grdb_migrations")
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('v1-history')")
        }
        _ = try await queue.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try queue.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: collector.database))
        expect(
            try await serve(["--database", collector.database], collector.scratch), 74, "its frames are of HeapWire 1",
            "Name another file")
        let check = try await Program.run(
            "dalloc-collector", ["check", "--database", collector.database], in: collector.scratch)
        expect(check, 74, "its frames are of HeapWire 1")
        let after = try Data(contentsOf: URL(fileURLWithPath: collector.database))
        #expect(after == before)
    }

    @Test func aDatabaseOfTwoNamesIsNotWrittenByTwoCollectors() async throws {
        let collector = try await RunningCollector(Scratch())
        let scratch = collector.scratch
        #expect(link(collector.database, scratch["other.sqlite"]) == 0)
        let arguments = ["--listen", "127.0.0.1:0", "--api", "127.0.0.1:0"]
        expect(try await serve(arguments + ["--database", scratch["other.sqlite"]], scratch), 74, "hard links")
        #expect(symlink(collector.database, scratch["symbolic.sqlite"]) == 0)
        unlink(scratch["other.sqlite"])
        expect(
            try await serve(arguments + ["--database", scratch["symbolic.sqlite"]], scratch), 74,
            "another dalloc-collector")
        #expect(try await collector.stop() == 0)
    }

    @Test func aPipeIsNoDatabase() async throws {
        let scratch = try Scratch()
        #expect(mkfifo(scratch["pipe"], 0o600) == 0)
        expect(try await serve(["--database", scratch["pipe"]], scratch), 74, "no regular file")
    }

    @Test(arguments: ["symbolic", "hard"])
    func aReserveThatIsSomebodyElsesFileIsLeftAlone(link kind: String) async throws {
        let scratch = try Scratch()
        let theirs = Data("their letter".utf8)
        try theirs.write(to: URL(fileURLWithPath: scratch["letter"]))
        let reserve = scratch["history.sqlite-reserve"]
        #expect((kind == "hard" ? link(scratch["letter"], reserve) : symlink(scratch["letter"], reserve)) == 0)
        let collector = try await RunningCollector(scratch)
        #expect(try await collector.get("readyz").1 == 200)
        #expect(try await collector.stop() == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch["letter"])) == theirs)
    }

    /// SQLite empties the log when the last one closes a database, also one who has only read, and who knows of no checksums.
    @Test func whoReadsAfterACrashHurtsNothing() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await NumberedDevice("pump", collector)
        try await device.reportAll(3)
        for _ in 0..<2 {
            try await collector.kill()
            let reader = Process()
            reader.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            let question = "SELECT * FROM devices"
            let program = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()"
            reader.arguments = ["python3", "-c", program, collector.database, question]
            try reader.run()
            try await wait(for: "the reader") { !reader.isRunning }
            #expect(reader.terminationStatus == 0)
            #expect(try await collector.check().findings == [])
            try await collector.restart()
            try await device.connect()
            try await device.reportAll(2)
        }
        for sequence in 1...Int(device.sent) {
            #expect(try await collector.answer("pump", sequence: sequence).isKnown)
        }
        #expect(try await collector.stop() == 0)
        #expect(try await collector.check().findings == [])
    }

    @Test func aDatabaseWithoutItsLogIsNotSound() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await NumberedDevice("pump", collector)
        try await device.reportAll(3)
        let copy = collector.scratch["copy.sqlite"]
        try FileManager.default.copyItem(atPath: collector.database, toPath: copy)
        let check = try await Program.run("dalloc-collector", ["check", "--database", copy], in: collector.scratch)
        #expect(check.status == 1)
        #expect(check.output.contains("its log \(copy)-wal is not there"))
        #expect(try await collector.stop() == 0)
        #expect(try await collector.check().findings == [])
    }

    @Test(arguments: ["--listen", "--api"]) func anAddressInUse(option: String) async throws {
        let scratch = try Scratch()
        let listener = try Socket()
        let port = try listener.bindAnywhere()
        try listener.listenForOne()
        defer { listener.close() }
        var arguments = ["--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--database", scratch["a.sqlite"]]
        arguments += [option, "127.0.0.1:\(port)"]
        expect(try await serve(arguments, scratch), 69, "\(port)", option)
    }

    @Test func aSerialPathThatIsNoTTY() async throws {
        let scratch = try Scratch()
        let base = ["--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--database", scratch["a.sqlite"]]
        _ = FileManager.default.createFile(atPath: scratch["file"], contents: nil)
        expect(try await serve(base + ["--serial", scratch["file"]], scratch), 66, "no tty")
        expect(
            try await serve(base + ["--serial", scratch["nothing"], "--serial-required"], scratch), 66, "nothing",
            "Check the path")
        expect(try await serve(base + ["--serial", "/dev/tty:123"], scratch), 66, "123", "no speed")
    }

    @Test func questionsThatHaveNoAnswer() async throws {
        let collector = try await RunningCollector(Scratch())
        let unknown = try await collector.ask(["snapshot", "nobody"])
        #expect(unknown.status == 66)
        #expect(unknown.errors.contains("nobody"))
        #expect(unknown.output.isEmpty)
        #expect(try await collector.stop() == 0)
        let unreachable = try await collector.ask(["devices"])
        #expect(unreachable.status == 69)
        #expect(unreachable.errors.contains("\(collector.apiPort)"))
    }

    @Test(arguments: [
        ("/", 404, Problem.Code.notFound), ("/v1/nothing", 404, .notFound), ("/v1/devices/a/b/c", 404, .notFound),
        ("/v1/devices/nobody/snapshot", 404, .notFound), ("/v1/devices/a/history?step=x", 400, .badRequest),
        ("/v1/devices/a/moves?since=yesterday", 400, .badRequest),
    ])
    func everyAnswerWithoutDataIsAProblem(path: String, status: Int, code: Problem.Code) async throws {
        let collector = try await RunningCollector(Scratch())
        let url = try #require(URL(string: "http://127.0.0.1:\(collector.apiPort)\(path)"))
        let (data, response) = try await URLSession(configuration: .ephemeral).data(from: url)
        #expect((response as? HTTPURLResponse)?.statusCode == status)
        let problem = try HistoryCoding.decoder().decode(Problem.self, from: data)
        #expect(problem.code == code)
        #expect(!problem.hint.isEmpty)
        #expect(try await collector.stop() == 0)
    }
}
