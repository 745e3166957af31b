// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import HeapHistory
import Testing

@testable import dalloc

@Suite struct SnapshotViewTests {
    private let snapshot = Samples.snapshot(
        size: 1024, used: 300,
        [
            Samples.entry(0, offset: 0, size: 61), Samples.entry(1, offset: 64, size: 128, owner: nil, age: nil),
            Samples.entry(2, offset: 192, size: 108, allocation: nil, age: 3_600_000_000),
        ])

    @Test func inAPipeThereIsTheHeadingAndTheTable() {
        #expect(
            SnapshotView.render(snapshot, on: .plain).text == """
                sensor-01 · heap main · 1,024 B · boot 8f3a01c2 · build 1.4.2
                At 2026-11-23 03:12:00.000 UTC. Last frame before it: #1042, 03:11:59.750. Known until 03:11:59.750. What came after that is not known yet.

                INDEX  BLOCK  OFFSET B  ADDRESS     SIZE B  OWNER               AGE
                    0     #3         0  0x20000400      61  0x20006000       12.2 s
                    1     #3        64  0x20000440     128  orphan                ?
                    2      ?       192  0x200004c0     108  0x20006000  59 min 59 s

                """)
    }

    @Test func onATerminalThereIsAPictureThatNeedsNoColour() {
        let text = SnapshotView.render(snapshot, on: Samples.terminal()).text
        #expect(
            text.hasPrefix(
                """
                sensor-01 · heap main · 1,024 B · boot 8f3a01c2 · build 1.4.2
                At 2026-11-23 03:12:00.000 UTC. Last frame before it: #1042, 03:11:59.750. Known
                until 03:11:59.750. What came after that is not known yet.

                0x20000400  ███████████████-▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒████████████████
                0x20000500  ███████████·····················································
                0x20000600  ································································
                0x20000700  ································································

                █▒ blocks in turn   - padding   · free   a cell is 4 B
                3 blocks, 300 of 1,024 B used (29.2 %), 3 B of it padding

                """), "\(text)")
    }

    @Test func whatIsKnownIsNotSaidToBeUnknown() {
        var snapshot = snapshot
        (snapshot.knownUntil, snapshot.frameTime) = (
            snapshot.at.later(86_400_000_000), snapshot.at.later(-86_400_000_000)
        )
        let text = SnapshotView.render(snapshot, on: .plain).text
        #expect(text.contains("#1042, 2026-11-22 03:12:00.000. Known until 2026-11-24 03:12:00.000.\n"), "\(text)")
    }

    @Test func cellsSayWhatFillsThem() {
        // 1 byte and 15 of padding; then four blocks of 4; then one of 16; the rest is free.
        let entries =
            [Samples.entry(0, offset: 0, size: 1)]
            + (0..<4).map { Samples.entry($0 + 1, offset: 16 + $0 * 4, size: 4) }
            + [Samples.entry(5, offset: 32, size: 16)]
        let cells = HeapMap.cells(of: Samples.snapshot(size: 64, used: 48, entries), cellBytes: 16)
        #expect(cells == [.padding, .several, .block(isOdd: false), .free])
    }

    @Test func neighboursDifferEvenAcrossABlockTooSmallToBeSeen() {
        let entries = [
            Samples.entry(0, offset: 0, size: 12), Samples.entry(1, offset: 12, size: 4),
            Samples.entry(2, offset: 16, size: 16),
        ]
        let cells = HeapMap.cells(of: Samples.snapshot(size: 32, used: 32, entries), cellBytes: 16)
        #expect(cells == [.block(isOdd: false), .block(isOdd: true)])
    }

    @Test(arguments: [0, 1, 3, 1000, 16_384, 65_536, 1_000_003, 1 << 30])
    func everySizeOfHeapFitsTheScreen(_ size: Int) {
        let snapshot = Samples.snapshot(size: size, used: 1, [Samples.entry(0, offset: 0, size: 1)])
        for columns in [40, 80, 120, 200] {
            let picture = HeapMap.render(snapshot, on: Samples.terminal(columns))
            let rows = picture.split(separator: "\n").filter { $0.hasPrefix("0x") }
            #expect(rows.count <= 8)
            #expect(rows.allSatisfy { $0.count <= columns })
        }
    }

    @Test func anAnswerOutOfAllBoundsDoesNotTrap() {
        let entries = [
            Samples.entry(0, offset: -5, size: 10), Samples.entry(1, offset: 2000, size: .max),
            Samples.entry(2, offset: 4, size: -4),
        ]
        for (size, used) in [(64, -1), (64, Int.max), (.max, 5), (-1, 0)] {
            let snapshot = Samples.snapshot(size: size, used: used, entries)
            #expect(!SnapshotView.render(snapshot, on: Samples.terminal()).text.isEmpty)
        }
    }

    @Test func anEmptyHeapIsExplained() {
        let rendering = SnapshotView.render(Samples.snapshot(size: 64, used: 0, []), on: .plain)
        #expect(rendering.text.hasPrefix("sensor-01 · heap main · 64 B"))
        #expect(rendering.remarks == ["Heap main held no block at 2026-11-23 03:12:00.000 UTC."])
    }
}
