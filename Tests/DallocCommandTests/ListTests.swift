// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeapHistory
import Testing

@testable import dalloc

@Suite struct ListTests {
    private let cause = MoveCause(
        operation: .free, allocation: 7, index: 3, address: Address(0x2000_0400), size: 64, owner: Address(0x2000_6000))
    private var move: Move {
        Move(
            time: Samples.time, boot: 1, sequence: 9, allocation: 8, from: Address(8), to: Address(4), bytes: 1_048_576,
            cause: cause)
    }
    private var entry: SnapshotEntry {
        var entry = Samples.entry(0, offset: 0, size: 60)
        (entry.callSite, entry.certain) = (Address(0x0800_0100), true)
        return entry
    }
    private let gap = Gap(
        start: Samples.time, end: Samples.time.later(1), cause: .lineLoss, operations: 1, frames: 2)

    private func csv<Element: ListElement>(_ elements: Element...) -> [String] {
        var list = ListText<Element>(.csv)
        for element in elements { list.append(element) }
        return list.take().components(separatedBy: "\r\n")
    }

    /// The keys of the JSON, those of an object in it after its own.
    private func keys(_ value: some JSONWritable) throws -> Set<String> {
        var json = JSONWriter()
        value.write(to: &json)
        let object = try JSONSerialization.jsonObject(with: json.withBytes { Data($0) }) as? [String: Any]
        return Set(
            try #require(object).flatMap { key, value in
                (value as? [String: Any]).map { $0.keys.map { "\(key)_\($0)" } } ?? [key]
            })
    }

    @Test func theColumnsAreTheKeysOfTheJSON() throws {
        #expect(try keys(move) == Set(Move.columns.map(\.name)))
        #expect(try keys(entry) == Set(SnapshotEntry.columns.map(\.name)))
        #expect(try keys(gap) == Set(Gap.columns.map(\.name)))
        let detail = DeviceDetail(device: "a", detail: .summary, connected: true, told: false)
        #expect(try keys(detail) == Set(DeviceDetail.columns.map(\.name)))
        #expect(try keys(Samples.point(0, used: 1, peak: 1)) == Set(UsagePoint.columns.map(\.name)))
        var heap = Samples.heap("main", used: 1)
        heap.failureReason = "no_room"
        (heap.recorderMost, heap.recorderSize) = (1, 2)
        var device = Samples.device("a", [heap])
        device.labels = ["site": "berlin"]
        let both = try keys(device).union(try keys(heap)).subtracting(["heaps", "labels_site"]).union(["labels"])
        #expect(both == Set(DeviceSummary.columns.map(\.name)))
        #expect(DeviceSummary.columns.count == both.count)
    }

    private var summary: Summary {
        Summary(
            start: Samples.time, end: Samples.time.later(Samples.minute), boot: 1, build: "1", sequence: 3, size: 4096,
            used: 88, gaps: 0, liveBlocks: 2, peak: 96, failures: 1, operations: 40, allocations: 6, bytes: 380,
            complete: true,
            sums: [
                AllocationSum(.owner, address: Address(0x2000_0400), allocations: 5, bytes: 300),
                AllocationSum(.others, allocations: 1, bytes: 80),
            ], lastOperations: [])
    }

    @Test func aSummaryIsARowForEachSum() throws {
        let sums = ["sum_tag", "sum_address", "sum_allocations", "sum_bytes"]
        #expect(
            try keys(summary).subtracting(["sums", "last_operations"]).union(sums) == Set(Summary.columns.map(\.name)))
        let rows = csv(summary)
        #expect(
            rows.count == 4 && rows[0].hasPrefix("start,end,boot,build,sequence,") && rows[0].hasSuffix("sum_bytes"))
        let figures = "2026-11-23T03:12:00.000000Z,2026-11-23T03:13:00.000000Z,1,1,3,4096,88,0,2,96,1,40,6,380,true,"
        #expect(rows[1] == figures + "owner,0x20000400,5,300" && rows[2] == figures + "others,,1,80")
        var none = summary
        none.sums = []
        #expect(csv(none)[1] == figures + ",,,")
        var operation = LastOperation(time: Samples.time, boot: 1, sequence: 3, place: 0, operation: .failed)
        (operation.depth, operation.allocation, operation.address, operation.newAddress) = (
            1, 2, Address(4), Address(8)
        )
        (operation.size, operation.oldSize, operation.owner, operation.oldOwner) = (3, 4, Address(4), Address(8))
        (operation.callSite, operation.reason, operation.used, operation.liveBlocks) = (Address(4), .noRoom, 5, 6)
        #expect(try keys(operation) == Set(LastOperation.columns.map(\.name)))
    }

    @Test func numbersAreRawAndTimesAreISO8601() {
        #expect(
            csv(move) == [
                "time,boot,sequence,allocation,from,to,bytes,cause_operation,cause_allocation,cause_index,"
                    + "cause_address,cause_size,cause_owner",
                "2026-11-23T03:12:00.000000Z,1,9,8,0x00000008,0x00000004,1048576,free,7,3,0x20000400,64,0x20006000", "",
            ])
    }

    @Test func whatIsAbsentIsEmpty() {
        let open = Gap(start: Samples.time, end: nil, cause: .silence, operations: nil, frames: nil)
        #expect(csv(open)[1] == "2026-11-23T03:12:00.000000Z,,silence,,")
    }

    @Test func aDeviceIsARowForEachHeap() {
        let warnings = [DeviceWarning(.implausible, "x"), DeviceWarning(.clockStands, "y")]
        let rows = csv(
            Samples.device("a", [Samples.heap("main", used: 1), Samples.heap("net", used: 2)], warnings: warnings),
            Samples.device("b", [], connected: false))
        #expect(rows.count == 5)
        #expect(
            rows[1].hasPrefix("a,1,1,tcp 127.0.0.1:1,true,") && rows[1].contains(",,implausible clock_stands,0,main,"))
        #expect(rows[2].hasPrefix("a,1,1,tcp 127.0.0.1:1,true,") && rows[2].contains(",0,net,"))
        #expect(rows[3].hasPrefix("b,1,1,tcp 127.0.0.1:1,false,") && rows[3].hasSuffix("Z,,,,,,,,,,,,,,,,"))
        #expect(Set(rows.dropLast().map { $0.count { $0 == "," } }).count == 1)
    }

    @Test func whatHasCommasOrQuotesIsQuoted() {
        let row = csv(Samples.device(#"a,"b""#, []))[1]
        #expect(row.hasPrefix(#""a,""b""",1,1,"#))
    }

    /// A device chooses its names.
    @Test func noNameSteersATerminalOrBreaksALine() {
        let device = Samples.device("a\u{1B}[2J\r\nb\u{9B}\u{202E}", [])
        let rows = csv(device)
        #expect(rows.count == 3 && rows[1].hasPrefix("a\u{FFFD}[2J\u{FFFD}\u{FFFD}b\u{FFFD}\u{FFFD},"))
        var list = ListText<DeviceSummary>(.ndjson)
        list.append(device)
        let text = list.take()
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
        #expect(text.contains(#""id":"a\u001b[2J\r\nb\u009b\u202e""#))
    }

    @Test func eachElementIsALineOfItsOwn() throws {
        var list = ListText<Gap>(.ndjson)
        list.append(gap)
        list.append(gap)
        let lines = list.take().split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines { #expect(try HistoryCoding.decoder().decode(Gap.self, from: Data(line.utf8)) == gap) }
        #expect(list.count == 0, "what was taken is gone")
    }

    @Test func aListWithoutElementsHasItsHeader() {
        var list = ListText<Gap>(.csv)
        #expect(list.take() == "start,end,cause,operations,frames\r\n")
        var lines = ListText<Gap>(.ndjson)
        #expect(lines.take().isEmpty)
    }

    @Test func whatTheListCanNotSayIsARemark() {
        let history = Samples.history(minutes: 5, [Samples.point(0, used: 1, peak: 1)], gaps: [gap])
        #expect(history.remarks(on: .plain).first?.hasPrefix("Gap from 2026-11-23 03:12:00.000") == true)
        var list = MoveList(
            device: "a", heap: 0, name: "", since: Samples.time, until: Samples.time.later(9), moves: [move],
            truncated: true, knownUntil: Samples.time, gaps: [])
        #expect(
            list.remarks(on: .plain).map { String($0.prefix(12)) } == ["Cut by --lim", "Known until "])
        list.stoppedAt = Samples.time
        #expect(list.remarks(on: .plain).contains { $0.hasPrefix("The search ended at") })
        let snapshot = Samples.snapshot(size: 1024, used: 300, [])
        #expect(snapshot.remarks(on: .plain).first?.contains("Known until") == true)
        #expect(snapshot.remarks(on: .plain).last?.hasPrefix("Heap main held no block") == true)
        let gaps = GapList(
            device: "a", heap: 0, name: "", since: Samples.time, until: Samples.time.later(9), knownUntil: nil, gaps: []
        )
        #expect(gaps.remarks(on: .plain) == ["Nothing of heap 0 is known yet."])
    }
}
