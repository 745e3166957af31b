// SPDX-License-Identifier: Apache-2.0
//
// What peers may take together, and what the log says of them.

import HeapWire
import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import DallocCollector

struct DoorTests {
    private func second(_ number: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(number) }

    // MARK: One id, several devices

    private let one = IDContest.Party(address: "10.0.0.1", boot: 11)
    private let two = IDContest.Party(address: "10.0.0.2", boot: 22)

    @Test func aDeviceThatMovesOrStartsAnewIsNoTwin() {
        var contest = IDContest(at: second(0))
        for boot in 1..<20 as Range<UInt32> {
            let (old, new) = (
                IDContest.Party(address: "10.0.0.1", boot: boot), IDContest.Party(address: "10.0.0.1", boot: boot + 1)
            )
            let now = second(Int64(boot))
            #expect(contest.decide(new, against: old, holderRow: Int64(boot), heard: now, at: now) == .admit)
            contest.note(new, row: Int64(boot) + 1)
        }
        #expect(contest.owner == nil)
    }

    @Test func twinsAreToldApartAndTheOneWithTheLongerHistoryStays() {
        var contest = IDContest(at: second(0))
        #expect(contest.decide(two, against: one, holderRow: 5, heard: second(0), at: second(1)) == .admit)
        contest.note(two, row: 9)
        #expect(contest.decide(one, against: two, holderRow: 9, heard: second(1), at: second(2)) == .admit)
        #expect(contest.decide(two, against: one, holderRow: 5, heard: second(2), at: second(3)) == .refuse)
        #expect(contest.owner == one)
        // For longer and longer, as long as the first one is heard.
        var refusals: [Int64] = []
        for now in 4..<2000 as Range<Int64> {
            let before = contest.isHeldOff(two, at: second(now))
            #expect(contest.decide(two, against: one, holderRow: 5, heard: second(now), at: second(now)) == .refuse)
            if !before { refusals.append(now) }
        }
        #expect(refusals == [13, 33, 73, 153, 313, 633, 1233, 1833])
        #expect(contest.decide(one, against: two, holderRow: 9, heard: second(2000), at: second(2000)) == .admit)
    }

    @Test func whoIsGoneMakesRoomForTheOther() {
        var contest = IDContest(at: second(0))
        for (number, claimant) in [two, one, two].enumerated() {
            let holder = claimant == one ? two : one
            _ = contest.decide(
                claimant, against: holder, holderRow: holder == one ? 5 : 9, heard: second(Int64(number)),
                at: second(Int64(number)))
        }
        #expect(contest.isHeldOff(two, at: second(5)))
        #expect(!contest.isHeldOff(two, at: second(15)))
        #expect(contest.decide(two, against: one, holderRow: 5, heard: second(2), at: second(40)) == .admit)
        #expect(contest.owner == two)
    }

    @Test func aContestOfManyInventedPartiesStaysSmall() {
        var contest = IDContest(at: second(0))
        var holder = one
        for number in 0..<5000 as Range<Int64> {
            let party = IDContest.Party(address: "10.0.\(number / 100).\(number % 7)", boot: UInt32(number % 300))
            if contest.decide(
                party, against: holder, holderRow: number, heard: second(number), at: second(number)) == .admit
            {
                holder = party
            }
        }
        #expect(contest.partyCount <= 20)
    }

    // MARK: New devices

    @Test func aConnectionWhosePeerHasLeftTakesNobodysPlace() async throws {
        let history = try RecordedHistory()
        let registry = DeviceRegistry(log: PeerLog(logger: Logger(label: "test")), history: history.store)
        func line(_ address: String, hasPeerLeft: Bool = false) -> Line {
            Line(peer: address, address: address, channel: EmbeddedChannel(), hasPeerLeft: hasPeerLeft)
        }
        for _ in 0..<5 {
            let (token, here) = (await registry.makeToken(), line("10.0.0.1"))
            #expect(await registry.claim("pump", boot: 1, token: token, line: here))
            // What a proxy kept while it was frozen.
            let (stale, late) = (await registry.makeToken(), line("unknown", hasPeerLeft: true))
            #expect(await !registry.claim("pump", boot: 1, token: stale, line: late))
            #expect(late.end == .displaced)
            #expect(here.end == nil, "the device that is here stays")
            await registry.release("pump", token: token)
            // With nobody else there, its words are heard, until the device comes.
            let (first, early) = (await registry.makeToken(), line("unknown", hasPeerLeft: true))
            #expect(await registry.claim("pump", boot: 1, token: first, line: early))
            let (next, back) = (await registry.makeToken(), line("10.0.0.1"))
            async let isAdmitted = registry.claim("pump", boot: 1, token: next, line: back)
            while early.end == nil, back.end == nil { await Task.yield() }
            #expect(early.end == .displaced)
            await registry.release("pump", token: first)
            #expect(await isAdmitted)
            await registry.release("pump", token: next)
        }
    }

    @Test func anAddressBringsSoManyNewDevices() {
        let devices = NewDevices(perMinute: 60)
        let admitted = (0..<3000).count { _ in devices.admit(from: "10.0.0.1", at: second(0)) }
        #expect(admitted == 1000)
        #expect(devices.admit(from: "10.0.0.2", at: second(0)), "others are not concerned")
        #expect((0..<100).count { _ in devices.admit(from: "10.0.0.1", at: second(10)) } == 10)
        #expect((0..<30_000).count { _ in devices.admit(from: "127.0.0.1", at: second(0)) } == 20_000)
    }

    @Test func aDeviceBringsSoManyNewBoots() {
        let boots = NewBoots(perMinute: 12)
        #expect((0..<1000).count { _ in boots.admit("crashing", at: second(0)) } == 60)
        #expect(boots.admit("other", at: second(0)), "others are not concerned")
        #expect((0..<1000).count { _ in boots.admit("crashing", at: second(60)) } == 12)
    }

    // MARK: The log

    private struct Capture: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        final class Lines: Sendable {
            let all = Mutex<[String]>([])
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.all.withLock { $0.append("\(event.message) \(event.metadata?["count"]?.description ?? "")") }
        }
    }

    @Test func linesAboutAPeerHaveABudgetAndTheRestIsCounted() {
        let lines = Capture.Lines()
        let log = PeerLog(logger: Logger(label: "test") { _ in Capture(lines: lines) })
        func note(_ address: String, _ now: Int64) {
            log.note(.info, "hello", address: address, at: second(now), [:])
        }
        for _ in 0..<100 { note("10.0.0.1", 0) }
        note("10.0.0.2", 1)
        #expect(lines.all.withLock { $0.count } == 6)
        log.summarise(at: second(59))
        #expect(lines.all.withLock { $0.count } == 6)
        log.summarise(at: second(60))
        #expect(lines.all.withLock { $0.last } == "lines were left out: there were too many of them 95")
        // Many addresses: the kind has a budget as well, and few summaries tell of it.
        lines.all.withLock { $0 = [] }
        for number in 0..<20_000 { note("10.1.\(number / 256).\(number % 256)", 100) }
        log.summarise(at: second(200))
        #expect(lines.all.withLock { $0.count } == 201)
        #expect(lines.all.withLock { $0.last?.hasSuffix(" 19800") } == true)
        log.note(.debug, "nobody looks", address: "10.0.0.1", [:])
        #expect(lines.all.withLock { $0.count } == 201)
    }

    @Test func aSerialLineThatComesAndGoesDoesNotFillTheLog() {
        let lines = Capture.Lines()
        let log = PeerLog(logger: Logger(label: "test") { _ in Capture(lines: lines) })
        var line = SerialLineLog(path: "/dev/ttyUSB0", log: log)
        for _ in 0..<100 {
            line.failed(Malformed.truncatedField, at: second(0))
            line.failed(Malformed.truncatedField, at: second(0))
            line.opened(at: second(0))
            line.opened(at: second(0))
        }
        #expect(lines.all.withLock { $0.count } == 10, "five of each kind")
        #expect(lines.all.withLock { $0.first } == "a serial line can't be used now; trying again every second ")
        log.summarise(at: second(60))
        #expect(lines.all.withLock { $0.count { $0.hasSuffix(" 95") } } == 2, "the rest is counted")
    }

    // MARK: Bytes without a delimiter

    @Test func bytesThatAreNoFrameForTooLongArePassedOverOnce() throws {
        let assembler = FrameAssembler()
        var chunk = ByteBuffer(repeating: 0xFF, count: 65_536)
        #expect(throws: Malformed.oversizedFrame) { try assembler.next(&chunk) }
        #expect(assembler.isSkipping)
        for _ in 0..<100 {
            var more = ByteBuffer(repeating: 0xFF, count: 65_536)
            #expect(try assembler.next(&more) == nil)
            #expect(more.readableBytes == 0)
        }
        var end = ByteBuffer(bytes: [9, 9, 0] as [UInt8])
        #expect(try assembler.next(&end) == nil)
        #expect(!assembler.isSkipping)
    }

    @Test func theLongestFrameIsNotTooLong() throws {
        let line = FrameWriter.line { writer in
            for index in 0..<WireLimits.payload { writer.byte(UInt8(truncatingIfNeeded: index % 255 + 1)) }
        }
        for piece in [1, 7, 4095, 8192] {
            let assembler = FrameAssembler()
            var found: Int?
            for start in stride(from: 0, to: line.count, by: piece) {
                var chunk = ByteBuffer(bytes: line[start..<min(start + piece, line.count)])
                if let payload = try assembler.next(&chunk) { found = payload.count }
            }
            #expect(found == WireLimits.payload)
        }
    }
}
