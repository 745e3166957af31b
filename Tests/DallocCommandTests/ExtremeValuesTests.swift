// SPDX-License-Identifier: Apache-2.0
//
// Whatever numbers an answer has, a view shows something and never ends the process: each number alone, and all of
// them at random, on screens of every size.

import HeapHistory
import Testing

@testable import dalloc

@Suite struct ExtremeValuesTests {
    private static let values: [Int] = [
        0, 1, -1, 2, 1000, -1000, 1 << 31, -(1 << 31), 1 << 53, (1 << 62) - 1, -(1 << 62), .max - 1, .max, .min + 1,
        .min,
    ]

    private static let screens: [Screen] =
        [(1, 1), (2, 3), (20, 4), (80, 24), (201, 60), (1000, 1000)].flatMap {
            (columns, rows) -> [Screen] in
            [.unicode, .asciiOnly].map {
                Screen(
                    isTerminal: true, usesColor: columns == 80, columns: columns, rows: rows, spelling: $0,
                    isDumb: columns == 20)
            }
        } + [.plain]

    /// Sets every number to every value, one after another, then all of them at random; shows each answer.
    private func show<Answer>(
        _ answer: Answer, _ setters: [(inout Answer, Int) -> Void], on view: (Answer, Screen) -> Rendering
    ) {
        var random = Shuffler()
        func look(_ answer: Answer, _ screens: some Sequence<Screen>) {
            for screen in screens {
                let rendering = view(answer, screen)
                #expect(!rendering.text.isEmpty || !rendering.remarks.isEmpty)
                if screen.isTerminal && !screen.isDumb {
                    let frame = LiveView.frame(of: rendering, trouble: "no answer at all", on: screen)
                    #expect(frame.count { $0 == "\r\n" } < screen.rows)
                }
                if screen.spelling == .asciiOnly {
                    #expect(screen.spelling(rendering.text).utf8.allSatisfy { $0 < 0x80 })
                }
            }
        }
        for setter in setters {
            for value in Self.values {
                var changed = answer
                setter(&changed, value)
                look(changed, [Self.screens.randomElement(using: &random) ?? .plain, Samples.terminal()])
            }
        }
        for round in 0..<400 {
            var changed = answer
            for setter in setters where round % 4 == 0 || Bool.random(using: &random) {
                setter(&changed, Self.values.randomElement(using: &random) ?? 0)
            }
            look(changed, round % 20 == 0 ? Self.screens[...] : [Self.screens.randomElement(using: &random) ?? .plain])
        }
    }

    @Test func devices() {
        var setters: [(inout DeviceList, Int) -> Void] = [
            { $0.devices[0].lastSeen.microseconds = Int64($1) }, { $0.devices[0].firstSeen.microseconds = Int64($1) },
        ]
        for path in [
            \HeapSummary.heap, \.size, \.alignment, \.tableSize, \.used, \.liveBlocks, \.peak, \.failuresLastHour,
            \.sequence,
        ] {
            for heap in 0...1 { setters.append { $0.devices[0].heaps[heap][keyPath: path] = $1 } }
        }
        let list = DeviceList(devices: [
            Samples.device(
                "a", [Samples.heap("main", used: 1), Samples.heap("", used: 2)], warnings: [.init(.implausible, "x")])
        ])
        for now in [Samples.time, Timestamp(microseconds: .min), Timestamp(microseconds: .max)] {
            show(list, setters) { Rendering(text: DevicesView.render($0, now: now, on: $1)) }
        }
    }

    @Test func history() {
        var setters: [(inout UsageHistory, Int) -> Void] = [
            { $0.heap = $1 }, { $0.size = $1 }, { $0.since.microseconds = Int64($1) },
            { $0.until.microseconds = Int64($1) }, { $0.knownUntil = Timestamp(microseconds: Int64($1)) },
            { history, _ in history.knownUntil = nil }, { $0.stepMicroseconds = Int64($1) },
        ]
        for point in 0...2 {
            setters.append { $0.points[point].time.microseconds = Int64($1) }
            for path in [
                \UsagePoint.size, \.used, \.liveBlocks, \.peak, \.allocated, \.freed, \.failures, \.moves,
                \.bytesMoved,
            ] { setters.append { $0.points[point][keyPath: path] = $1 } }
        }
        for gap in 0...1 {
            setters.append { $0.gaps[gap].start?.microseconds = Int64($1) }
            setters.append { $0.gaps[gap].end?.microseconds = Int64($1) }
            setters.append { $0.gaps[gap].operations = $1 }
            setters.append { $0.gaps[gap].frames = $1 }
        }
        let points = (0...2).map { Samples.point($0, used: 256, peak: 512, boot: UInt32($0 / 2), failures: 1) }
        show(Samples.history(minutes: 5, points, gaps: gaps), setters) { HistoryView.render($0, on: $1) }
        show(Samples.history(minutes: 5, [], gaps: gaps), Array(setters.prefix(7))) { HistoryView.render($0, on: $1) }
    }

    @Test func summaries() {
        var operation = LastOperation(time: Samples.time, boot: 1, sequence: 3, place: 0, operation: .resize)
        (operation.oldSize, operation.size, operation.used) = (4, 8, 8)
        let summary = Summary(
            start: Samples.time, end: Samples.time, boot: 1, build: "1", sequence: 3, size: 4096, used: 88, gaps: 0,
            liveBlocks: 2, peak: 96, failures: 1, operations: 40, allocations: 6, bytes: 380, complete: false,
            sums: [AllocationSum(.others, allocations: 1, bytes: 8)], lastOperations: [operation])
        let list = SummaryList(
            device: "a", heap: 0, name: "", since: Samples.time, until: Samples.time,
            allocatedBy: [AllocationShare(.owner, build: "1", allocations: 1, bytes: 8, share: 1)],
            summaries: [summary, summary], knownUntil: Samples.time, gaps: gaps)
        var setters: [(inout SummaryList, Int) -> Void] = [
            { $0.heap = $1 }, { $0.since.microseconds = Int64($1) }, { $0.until.microseconds = Int64($1) },
            { $0.allocatedBy?[0].allocations = $1 }, { $0.allocatedBy?[0].bytes = $1 },
            { $0.allocatedBy?[0].share = Double($1) }, { list, _ in list.summaries[1].start = nil },
            { list, _ in list.summaries[1].failures = nil },
        ]
        for index in 0...1 {
            setters.append { $0.summaries[index].start = Timestamp(microseconds: Int64($1)) }
            setters.append { $0.summaries[index].end.microseconds = Int64($1) }
            setters.append { $0.summaries[index].failures = $1 }
            for path in [
                \Summary.sequence, \.size, \.used, \.gaps, \.liveBlocks, \.peak, \.operations, \.allocations,
                \.bytes,
            ] { setters.append { $0.summaries[index][keyPath: path] = $1 } }
            setters.append { $0.summaries[index].lastOperations[0].time.microseconds = Int64($1) }
            for path in [\LastOperation.depth, \.allocation, \.size, \.oldSize, \.used] {
                setters.append { $0.summaries[index].lastOperations[0][keyPath: path] = $1 }
            }
        }
        show(list, setters) { SummariesView.render($0, showsLast: true, on: $1) }
    }

    @Test func snapshot() {
        var setters: [(inout Snapshot, Int) -> Void] = [
            { $0.heap = $1 }, { $0.size = $1 }, { $0.alignment = $1 }, { $0.used = $1 }, { $0.sequence = $1 },
            { $0.at.microseconds = Int64($1) }, { $0.time.microseconds = Int64($1) },
            { $0.frameTime.microseconds = Int64($1) }, { $0.knownUntil.microseconds = Int64($1) },
            { $0.baseAddress = Address(UInt64(bitPattern: Int64($1))) },
        ]
        for entry in 0...2 {
            for path in [\SnapshotEntry.index, \.offset, \.size] {
                setters.append { $0.entries[entry][keyPath: path] = $1 }
            }
            setters.append { $0.entries[entry].allocation = $1 }
            setters.append { $0.entries[entry].allocatedAt = Timestamp(microseconds: Int64($1)) }
        }
        let entries = (0...2).map { Samples.entry($0, offset: $0 * 100, size: 60) }
        show(Samples.snapshot(size: 1024, used: 300, entries), setters) { SnapshotView.render($0, on: $1) }
        show(Samples.snapshot(size: 1024, used: 300, []), Array(setters.prefix(10))) { SnapshotView.render($0, on: $1) }
    }

    /// Paddings that overlap, so often that their sum is beyond every number.
    @Test func blocksWithoutOrder() {
        let size = 1 << 48
        let entries = (0..<40_000).map { Samples.entry($0, offset: $0.isMultiple(of: 2) ? 0 : size, size: 0) }
        let text = SnapshotView.render(Samples.snapshot(size: size, used: size, entries), on: Samples.terminal()).text
        #expect(text.contains("40,000 blocks"))
    }

    @Test func moves() {
        var setters: [(inout MoveList, Int) -> Void] = [
            { $0.heap = $1 }, { $0.since.microseconds = Int64($1) }, { $0.until.microseconds = Int64($1) },
            { $0.knownUntil = Timestamp(microseconds: Int64($1)) },
            { $0.stoppedAt = Timestamp(microseconds: Int64($1)) },
        ]
        for move in 0...1 {
            setters.append { $0.moves[move].time.microseconds = Int64($1) }
            for path in [\Move.sequence, \.bytes, \.cause.index, \.cause.size] {
                setters.append { $0.moves[move][keyPath: path] = $1 }
            }
            setters.append { $0.moves[move].allocation = $1 }
            setters.append { $0.moves[move].cause.allocation = $1 }
            setters.append { $0.moves[move].from = Address(UInt64(bitPattern: Int64($1))) }
            setters.append { $0.moves[move].to = Address(UInt64(bitPattern: Int64($1))) }
        }
        let cause = MoveCause(operation: .free, allocation: 1, index: 1, address: Address(1), size: 1, owner: nil)
        let move = Move(
            time: Samples.time, boot: 1, sequence: 1, allocation: 1, from: Address(8), to: Address(4), bytes: 4,
            cause: cause)
        var list = MoveList(
            device: "a", heap: 0, name: "", since: Samples.time, until: Samples.time, moves: [move, move],
            truncated: true, knownUntil: Samples.time, gaps: gaps)
        show(list, setters) { MovesView.render($0, on: $1) }
        list.moves = []
        show(list, Array(setters.prefix(5))) { MovesView.render($0, on: $1) }
    }

    @Test func gapLists() {
        var setters: [(inout GapList, Int) -> Void] = [
            { $0.heap = $1 }, { $0.since.microseconds = Int64($1) }, { $0.until.microseconds = Int64($1) },
            { $0.knownUntil = Timestamp(microseconds: Int64($1)) }, { list, _ in list.gaps = [] },
            { list, _ in list.knownUntil = nil },
        ]
        let list = GapList(
            device: "a", heap: 0, name: "", since: Samples.time, until: Samples.time, knownUntil: Samples.time,
            gaps: gaps)
        show(list, setters) { GapsView.render($0, on: $1) }
        for gap in 0...1 {
            setters.append { list, value in
                guard !list.gaps.isEmpty else { return }
                list.gaps[gap] = Gap(
                    start: Timestamp(microseconds: Int64(value)), end: Timestamp(microseconds: ~Int64(value)),
                    cause: .lineLoss, operations: value, frames: value)
            }
        }
        show(list, setters) { GapsView.render($0, on: $1) }
    }

    private let gaps = [
        Gap(start: Samples.time, end: Samples.time.later(1), cause: .lineLoss, operations: 1, frames: 1),
        Gap(start: Samples.time, end: nil, cause: .silence, operations: nil, frames: nil),
    ]
}

/// The same numbers in every run (SplitMix64), so that what is found once is found again.
private struct Shuffler: RandomNumberGenerator {
    private var state: UInt64 = 14

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
