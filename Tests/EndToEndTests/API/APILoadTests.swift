// SPDX-License-Identifier: Apache-2.0
//
// Questions that cost much, clients that leave or don't read, and more connections than there are descriptors: others are served meanwhile.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct APILoadTests {
    private static let allMoves = "/v1/devices/busy/moves?since=2020-01-01T00:00:00.000000Z&limit="

    @Test func aQuestionEndsWhenItHasWorkedEnough() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await BusyDevice.report("busy", to: collector, blocks: 65_535, frees: 2500)
        let (start, cpu) = (Date.now, collector.cpu)
        let (data, status) = try await collector.get(String(Self.allMoves.dropFirst()) + "1000")
        print("moves of a full table: \(Date.now.timeIntervalSince(start)) s, \(collector.cpu - cpu) s of CPU")
        #expect(status == 200)
        let moves = try HistoryCoding.decoder().decode(MoveList.self, from: data)
        #expect(moves.moves.count == 1000)
        #expect(moves.truncated)
        let stopped = try #require(moves.stoppedAt)
        // The search goes on where it stopped.
        let rest = try await collector.get("v1/devices/busy/moves?since=\(stopped)&limit=1000")
        let more = try HistoryCoding.decoder().decode(MoveList.self, from: rest.0)
        #expect(more.moves.count == 1000)
        #expect(more.moves.first.map { $0.time > stopped } == true)
        device.close()
        #expect(try await collector.stop() == 0)
    }

    @Test func questionsEndWithTheirClientsAndStarveNobody() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await BusyDevice.report("busy", to: collector, blocks: 65_535, frees: 2500)
        let other = try await BusyDevice.report("other", to: collector, blocks: 10, frees: 5)
        var clients: [Socket] = []
        for _ in 0..<20 {
            let socket = try Socket(connectedTo: collector.apiPort)
            socket.ask(Self.allMoves + "1000")
            clients.append(socket)
        }
        let start = Date.now
        for _ in 0..<10 { #expect(try await collector.ask("/v1/devices/other/history")?.status == 200) }
        print("10 × history beside 20 × moves: \(Date.now.timeIntervalSince(start)) s")
        for socket in clients { socket.close() }
        // Nothing is at work any more: no CPU is used.
        try await wait(for: "the questions to end", seconds: 30, pause: .zero) {
            let before = collector.cpu
            try await Task.sleep(for: .milliseconds(500))
            return collector.cpu - before < 0.1
        }
        print("quiet after \(Date.now.timeIntervalSince(start)) s")
        for socket in [device, other] { socket.close() }
        #expect(try await collector.stop() == 0)
    }

    @Test func tooManyQuestionsAreToldToComeAgain() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await BusyDevice.report("busy", to: collector, blocks: 65_535, frees: 2500)
        var clients: [Socket] = []
        for _ in 0..<60 {
            let socket = try Socket(connectedTo: collector.apiPort)
            socket.ask(Self.allMoves + "1")
            clients.append(socket)
        }
        // They are not asked in the order in which they came; some of them are turned away at once.
        var refused: RawAnswer?
        try await wait(for: "one to be turned away") {
            for socket in clients {
                guard let bytes = socket.receive(milliseconds: 0), let answer = RawAnswer(bytes) else { continue }
                if answer.status == 503 { refused = answer }
            }
            return refused != nil
        }
        #expect(refused?.headers["retry-after"] != nil)
        #expect(refused?.body.contains("\"code\":\"overloaded\"") == true)
        let overloads = "dalloc_collector_api_questions_refused_total{reason=\"waiting\"}"
        #expect(try await collector.metric(overloads) ?? 0 >= 1)
        #expect(try await collector.metric("dalloc_collector_api_questions_total") ?? 0 >= 32)
        #expect(try await collector.metric("dalloc_collector_api_connections") ?? 0 >= 2)
        #expect(try await collector.ask("/healthz")?.status == 200)
        #expect(try await collector.ask("/v1/devices")?.status == 200)
        for socket in clients { socket.close() }
        device.close()
        #expect(try await collector.stop() == 0)
    }

    @Test func answersThatNobodyReadsAreCut() async throws {
        let collector = try await RunningCollector(
            Scratch(), options: ["--api-unread-timeout", "4s", "--api-idle-timeout", "3s"])
        let device = try await BusyDevice.report("busy", to: collector, blocks: 2000, frees: 60)
        let (before, sockets) = (collector.status("VmRSS"), collector.sockets)
        var clients: [Socket] = []
        for _ in 0..<100 {
            let socket = try Socket(connectedTo: collector.apiPort)
            socket.ask(Self.allMoves + "100000")
            clients.append(socket)
        }
        #expect(try await collector.ask("/v1/devices/busy/history")?.status == 200)
        var highest = 0
        let start = Date.now
        try await wait(for: "all of them to be cut") {
            highest = max(highest, collector.status("VmRSS"))
            return collector.sockets <= sockets
        }
        print(
            "100 answers that nobody reads: \(before) KB, then \(highest) KB;", Date.now.timeIntervalSince(start), "s")
        #expect(highest - before < 400_000)
        let cut = "dalloc_collector_api_connections_cut_total{reason=\"unread\"}"
        #expect(try await collector.metric(cut) ?? 0 >= 1, "most were refused")
        for socket in clients { socket.close() }
        // Who reads slowly gets it all.
        let slow = try Socket(connectedTo: collector.apiPort)
        slow.ask(Self.allMoves + "100000")
        var (count, end): (Int, [UInt8]) = (0, [])
        try await wait(for: "a slow reader to have it all", pause: .milliseconds(200)) {
            // A megabyte, and a rest.
            for _ in 0..<256 {
                guard let more = slow.receive(milliseconds: 100) else { return false }
                count += more.count
                end = (end + more).suffix(5)
                if more.isEmpty || end == Array("0\r\n\r\n".utf8) { return true }
            }
            return false
        }
        #expect(end == Array("0\r\n\r\n".utf8))
        #expect(count > 20_000_000)
        slow.close()
        device.close()
        #expect(try await collector.stop() == 0)
    }

    @Test func manyLongAnswersAtOnceStarveNobody() async throws {
        let collector = try await RunningCollector(Scratch())
        let device = try await BusyDevice.report("busy", to: collector, blocks: 2000, frees: 20)
        let other = try await BusyDevice.report("other", to: collector, blocks: 10, frees: 5)
        let (port, path) = (collector.apiPort, Self.allMoves + "30000")
        let answers = Task.detached { try Self.readAll(path, clients: 200, at: port) }
        var waits: [Double] = []
        for _ in 0..<10 {
            let start = Date.now
            #expect(try await collector.ask("/v1/devices/other/history")?.status == 200)
            waits.append(Date.now.timeIntervalSince(start))
        }
        waits.sort()
        let (answered, refused, bytes) = try await answers.value
        print(
            "\(answered) of 200 long answers, \(refused) refused, \(bytes / 1_000_000) MB; history within \(waits[5]) s,",
            "\(waits[9]) s at most")
        #expect(answered + refused == 200)
        #expect(answered >= 16)
        #expect(waits[5] < 10)
        for socket in [device, other] { socket.close() }
        #expect(try await collector.stop() == 0)
    }

    /// Asks on so many connections at once, and reads them all. How many answers, refusals and bytes came.
    private static func readAll(
        _ path: String, clients: Int, at port: Int
    ) throws -> (answered: Int, refused: Int, bytes: Int) {
        var open: [(socket: Socket, beginning: [UInt8])] = []
        for _ in 0..<clients {
            let socket = try Socket(connectedTo: port)
            socket.ask(path)
            open.append((socket, []))
        }
        var (answered, refused, bytes) = (0, 0, 0)
        let deadline = Date.now.addingTimeInterval(300)
        while !open.isEmpty, Date.now < deadline {
            for index in open.indices.reversed() {
                guard let more = open[index].socket.receive(milliseconds: 0) else { continue }
                bytes += more.count
                if open[index].beginning.count < 20 { open[index].beginning += more }
                let beginning = String(decoding: open[index].beginning.prefix(12), as: UTF8.self)
                let isRefusal = beginning == "HTTP/1.1 503" && more.last == UInt8(ascii: "}")
                let end = more.suffix(5)
                guard more.isEmpty || end == Array("0\r\n\r\n".utf8)[...] || isRefusal else { continue }
                if beginning == "HTTP/1.1 200" { answered += 1 }
                if beginning == "HTTP/1.1 503" { refused += 1 }
                open[index].socket.close()
                open.remove(at: index)
            }
        }
        for (socket, _) in open { socket.close() }
        return (answered, refused, bytes)
    }

    /// With 128 there are fewer connections than descriptors; with 64, those that are allowed and those that are turned away use up all.
    @Test(arguments: [128, 64]) func descriptorsThatRunOutEndNothing(files: Int) async throws {
        let collector = try await RunningCollector(Scratch(), files: files)
        let device = try await BusyDevice.report("steady", to: collector, blocks: 10, frees: 1)
        var sockets: [Socket] = []
        let cpu = collector.cpu
        for turn in 0..<600 {
            let port = turn % 2 == 0 ? collector.port : collector.apiPort
            guard let socket = try? Socket(connectedTo: port) else { break }
            sockets.append(socket)
            if turn % 4 == 1 { socket.ask("/v1/devices/steady/history") }
        }
        // A device that was there is served: its greeting is answered.
        while let more = device.receive(milliseconds: 0), !more.isEmpty {}
        device.send(WireBytes.hello(device: "steady"))
        try await wait(for: "the device to be answered") {
            let answer = device.receive(milliseconds: 20)
            guard answer?.isEmpty != true, collector.program.isRunning else {
                throw TimedOut(description: "the device's connection ended: \(collector.program.errors.suffix(4000))")
            }
            return answer != nil
        }
        #expect(collector.program.isRunning)
        // Those that came at once are looked at one after the other. Then some are free, whoever is there.
        try await wait(for: "descriptors to be free") { collector.descriptors <= files - 8 }
        let before = collector.cpu
        var most = 0
        for _ in 0..<20 {
            try await Task.sleep(for: .milliseconds(100))
            most = max(most, collector.descriptors)
        }
        #expect(most <= files - 8, "libdispatch ends the process when it gets none")
        print(
            "\(files) files: \(before - cpu) s of CPU until they were used up, \(collector.cpu - before) s in 2 s after it"
        )
        #expect(collector.cpu - before < 1)
        for socket in sockets { socket.close() }
        try await wait(for: "questions to be answered again") {
            guard let answer = try? await collector.ask("/v1/devices/steady/history") else { return false }
            return answer.status == 200
        }
        // Those that went still count until the collector has noticed.
        try await wait(for: "room for another device") {
            try await collector.metric("dalloc_collector_connections") ?? .infinity <= 1
        }
        let late = try await BusyDevice.report("late", to: collector, blocks: 10, frees: 1)
        for socket in [device, late] { socket.close() }
        #expect(try await collector.stop() == 0)
    }
}
