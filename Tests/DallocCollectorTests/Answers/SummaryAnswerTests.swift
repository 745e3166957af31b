// SPDX-License-Identifier: Apache-2.0
//
// What is answered from summaries: who allocated, and the last operations of which some blocks are not known.

import Foundation
import HeapHistory
import HeapWire
import Logging
import Testing

@testable import DallocCollector

struct SummaryAnswerTests {
    private typealias Sum = AllocationSums.Sum
    private typealias Tag = AllocationSums.Tag

    private static let (beginning, end) = (RecordedHistory.time(0), RecordedHistory.time(1_000_000_000))
    private static let (driver, parser) = (UInt64(0x0800_0101), UInt64(0x0800_0123))

    private func ask(
        _ history: RecordedHistory, since: Timestamp = beginning, until: Timestamp = end, after: String? = nil,
        limit: Int = 1000
    ) async throws -> SummaryList {
        try await history.query.summaries(
            device: "pump", heap: nil, since: since, until: until, after: after, limit: limit)
    }

    private func failures(_ history: RecordedHistory, withTables: Bool = false) async throws -> FailureList {
        try await history.query.failures(
            device: "pump", heap: nil, since: Self.beginning, until: Self.end, limit: 100, withTables: withTables)
    }

    private func sums(_ allocations: UInt32, others: UInt32 = 0) -> AllocationSums {
        AllocationSums(
            others: Sum(allocations: others, bytes: UInt64(others) * 10),
            tags: [
                Tag(Self.driver, allocations: allocations, bytes: UInt64(allocations) * 40),
                Tag(Self.parser, allocations: 2 * allocations, bytes: UInt64(allocations) * 128),
            ])
    }

    /// A minute at whose end an allocation failed.
    private func failingDevice() async throws -> (RecordedHistory, SummarizingDevice) {
        let history = try RecordedHistory()
        var device = SummarizingDevice()
        try await history.greet(device.hello())
        try await history.receive(device.keyframe())
        (device.used, device.liveBlocks) = (1120, 5)
        let last: [HeapWire.Operation] = [
            .alloc(size: 96, owner: 0x2000_4010, callSite: Self.parser),
            .alloc(size: 40, owner: 0x2000_4014, callSite: Self.driver), .free(depth: 1), .free(depth: 3),
            .resize(depth: 0, size: 43), .failed(size: 3000, why: 0, owner: 0x2000_4040, callSite: 0x0800_0155),
        ]
        try await history.receive(
            device.summary(sums(100, others: 3), allocations: 303, failures: 1, lost: 600, last: last))
        return (history, device)
    }

    @Test func aSummaryTellsWhoAllocatedAndHowTheHeapIs() async throws {
        let (history, _) = try await failingDevice()
        let list = try await ask(history)
        let summary = try #require(list.summaries.first)
        #expect(list.summaries.count == 1 && list.next == nil)
        #expect([summary.start, summary.end] == [RecordedHistory.time(1000), RecordedHistory.time(61_000)])
        #expect(summary.used == 1120 && summary.peak == 2000 && summary.liveBlocks == 5 && summary.gaps == 0)
        #expect(summary.failures == 1 && summary.operations == 606 && summary.complete)
        #expect(summary.allocations == 303 && summary.bytes == 16_830)
        let shares = try #require(list.allocatedBy)
        #expect(shares.map(\.tag) == [.callSite, .callSite, .others])
        #expect(shares.map(\.address) == [Address(Self.parser), Address(Self.driver), nil])
        #expect(shares.map(\.allocations) == [200, 100, 3] && shares.map(\.bytes) == [12_800, 4000, 30])
        #expect(abs(shares.reduce(0) { $0 + $1.share } - 1) < 1e-9 && shares[0].share == 12_800 / 16_830)
        #expect(summary.sums.map(\.bytes) == [12_800, 4000, 30] && shares.map(\.build) == ["1.0", "1.0", nil])
    }

    @Test func lastOperationsNameTheBlocksThatTheyAllocated() async throws {
        let (history, device) = try await failingDevice()
        let told = try #require(try await ask(history).summaries.first).lastOperations
        let number = Int(device.totals.allocations)
        #expect(told.map(\.operation) == [.alloc, .alloc, .free, .free, .resize, .failed])
        #expect(told.map(\.allocation) == [number - 1, number, number - 1, nil, number, nil])
        #expect(told.map(\.depth) == [nil, nil, 1, 3, 0, nil])
        #expect(told.map(\.size) == [96, 40, 96, nil, 43, 3000], "a block from before is not guessed")
        #expect(told[2].owner == Address(0x2000_4010) && told[2].callSite == Address(Self.parser))
        #expect(told[4].oldSize == 40 && told[5].callSite == Address(0x0800_0155) && told[5].reason == .noRoom)
        // How many bytes the free of the unknown block gave nobody knows.
        #expect(told.map(\.used) == [nil, nil, nil, 1116, 1120, 1120])
        #expect(told.map(\.liveBlocks) == [6, 7, 6, 5, 5, 5])
        #expect(told.map(\.time) == [3, 6, 9, 12, 15, 18].map { RecordedHistory.time(60_982 + $0) })
    }

    @Test func aFailureOfASummaryIsListedOnceAndNoneIsInvented() async throws {
        var (history, device) = try await failingDevice()
        // More failed than it tells of.
        try await history.receive(
            device.summary(sums(10), allocations: 30, failures: 4, last: [.failed(size: 9, why: 1, owner: 0)]))
        device.liveBlocks = 0
        device.used = 0
        device.totals.frees = device.totals.allocations
        try await history.receive(device.keyframe())
        for _ in 0..<2 {
            let list = try await failures(history, withTables: true)
            #expect(list.failures.map(\.size) == [3000, 9] && list.counted == 5)
            #expect(list.failures.map(\.reason) == [.noRoom, .tableFull] && list.failures.map(\.sequence) == [2, 3])
            #expect(list.failures.map(\.free) == [4096 - 1120, 4096 - 1120])
            #expect(list.failures.map(\.liveBlocks) == [5, 5] && list.failures.allSatisfy { $0.entries == nil })
            // The same when all is gathered.
            try await ChunkWriter(store: history.store).gather()
        }
    }

    @Test func missingFramesAreSaid() async throws {
        var (history, device) = try await failingDevice()
        device.loseFrame()
        try history.greetAgain(device.hello(oldest: 4))
        device.totals.allocations += 7
        try await history.receive(device.summary(sums(10), allocations: 30))
        #expect(try await ask(history).summaries.map(\.complete) == [true, false])
        // What lost operations and has no sums is no summary.
        device.tick += 1
        try await history.receive(device.keyframe())
        #expect(try await ask(history).summaries.count == 2)
    }

    @Test(arguments: [nil, 4]) func pagesAreOneList(gatherEvery: Int?) async throws {
        let history = try RecordedHistory(gatherEvery: gatherEvery)
        var device = SummarizingDevice()
        try await history.greet(device.hello())
        try await history.receive(device.keyframe())
        for number in 1...25 {
            try await history.receive(device.summary(sums(UInt32(number)), allocations: UInt64(number) * 3))
        }
        let all = try await ask(history)
        #expect(all.summaries.map(\.sequence) == Array(2...26) && all.summaries.allSatisfy { $0.complete })
        #expect(all.allocatedBy?.map(\.allocations) == [650, 325])
        var (listed, after, pages) = ([Summary](), String?.none, 0)
        repeat {
            let page = try await ask(history, after: after, limit: 7)
            #expect(page.summaries.count <= 7 && page.allocatedBy == (after == nil ? all.allocatedBy : nil))
            (listed, after, pages) = (listed + page.summaries, page.next, pages + 1)
        } while after != nil
        #expect(listed == all.summaries && pages == 4)
        let some = try await ask(history, since: RecordedHistory.time(61_000), until: RecordedHistory.time(181_000))
        #expect(some.summaries == Array(all.summaries[1...2]), "after the first moment, up to and with the other")
        let problem = await #expect(throws: Problem.self) { try await ask(history, after: "x") }
        #expect(problem?.code == .badRequest)
        await #expect(throws: Problem.self) { try await ask(history, since: Self.end, until: Self.beginning) }
    }

    @Test func bootsAndARestartOfTheCollectorAreOneList() async throws {
        let history = try RecordedHistory()
        var device = SummarizingDevice()
        try await history.greet(device.hello())
        try await history.receive(device.keyframe())
        try await history.receive(device.summary(sums(10), allocations: 30))
        // The same boot on a new connection, then another build.
        try await history.greet(device.hello())
        try await history.receive(device.summary(sums(20), allocations: 60))
        var second = SummarizingDevice()
        second.tick = 200_000
        try await history.greet(second.hello(boot: 2, build: "1.1"), at: RecordedHistory.time(200_000))
        try await history.receive(second.keyframe(), at: RecordedHistory.time(200_000))
        try await history.receive(second.summary(sums(1), allocations: 3), at: RecordedHistory.time(260_000))
        let list = try await ask(history)
        #expect(list.summaries.map(\.boot) == [1, 1, 2] && list.summaries.map(\.build) == ["1.0", "1.0", "1.1"])
        #expect(list.summaries.map(\.allocations) == [30, 60, 3] && list.summaries.allSatisfy { $0.complete })
        #expect(list.summaries.map(\.failures) == [0, 0, 0])
        #expect(list.allocatedBy?.compactMap(\.build) == ["1.0", "1.0", "1.1", "1.1"])
        try history.store.close()
        let time = WallClock.Source(
            wall: { RecordedHistory.time(300_000).microseconds }, uptime: { 1_000_000 }, machineBoot: "test")
        let store = try HistoryStore(
            path: history.path, durability: .process, logger: Logger(label: "dalloc-collector"), time: time)
        defer { try? store.close() }
        let again = try await HistoryQuery(store: store).summaries(
            device: "pump", heap: nil, since: Self.beginning, until: Self.end, limit: 1000)
        #expect(again.summaries == list.summaries && again.allocatedBy == list.allocatedBy)
    }

    @Test func aHeapWithoutCallSitesTellsOwners() async throws {
        let history = try RecordedHistory()
        var device = SummarizingDevice(layout: ScriptedDevice.layout)
        try await history.greet(device.hello())
        try await history.receive(device.keyframe())
        try await history.receive(device.summary(sums(10), allocations: 30))
        #expect(try await ask(history).allocatedBy?.map(\.tag) == [.owner, .owner])
    }

    @Test func noSumsEndTheProcess() async throws {
        let history = try RecordedHistory()
        var device = SummarizingDevice()
        try await history.greet(device.hello())
        try await history.receive(device.keyframe())
        let most = Sum(allocations: .max, bytes: 1 << 62 - 1)
        let tags = (0..<12).map { Tag(UInt64($0) * 0x1111_1111, allocations: .max, bytes: 1 << 62 - 1) }
        let last: [HeapWire.Operation] =
            [.reset, .free(depth: 50_000), .resize(depth: 3, size: .max), .reown(depth: 9, owner: 4)]
            + (0..<300).flatMap { [.alloc(size: .max, owner: UInt64($0) * 4), .free(depth: 0), .orphan(depth: 7)] }
        (device.used, device.liveBlocks) = (0, 0)
        for _ in 0..<3 {
            try await history.receive(
                device.summary(
                    AllocationSums(others: most, tags: tags), allocations: 1, failures: 1 << 40, lost: .max, last: last)
            )
        }
        let list = try await ask(history)
        #expect(list.summaries.count == 3)
        for summary in list.summaries {
            #expect(summary.bytes == Int(Count.limit) && summary.allocations == 13 * Int(UInt32.max))
            #expect(summary.lastOperations.count == SummaryFrame.mostOperations)
        }
        let shares = try #require(list.allocatedBy)
        #expect(shares.count == 13 && shares.allSatisfy { (0...1).contains($0.share) && $0.bytes > 0 })
        #expect(shares.last?.tag == .others)
        #expect(try await failures(history).failures.isEmpty)
    }

    @Test func onlyTheLargestAreToldApart() async throws {
        let history = try RecordedHistory()
        var device = SummarizingDevice()
        try await history.greet(device.hello())
        try await history.receive(device.keyframe())
        for number in 0..<20 {
            let tags = (0..<10).map {
                Tag(UInt64(number * 10 + $0) * 4, allocations: 1, bytes: UInt64(number * 10 + $0))
            }
            try await history.receive(
                device.summary(AllocationSums(others: Sum(allocations: 0, bytes: 0), tags: tags), allocations: 10))
        }
        let shares = try #require(try await ask(history).allocatedBy)
        #expect(shares.count == AllocationRanking.most + 1 && shares.first?.address == Address(199 * 4))
        #expect(shares.map(\.allocations).reduce(0, +) == 200 && shares.map(\.bytes).reduce(0, +) == 199 * 100)
        #expect(shares.last?.tag == .others && shares.last?.allocations == 136)
    }
}
