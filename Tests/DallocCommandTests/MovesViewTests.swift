// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@testable import dalloc

@Suite struct MovesViewTests {
    private func list(_ moves: [Move], truncated: Bool = false) -> MoveList {
        MoveList(
            device: "sensor-01", heap: 0, name: "main", since: Samples.time.later(-Samples.minute),
            until: Samples.time, moves: moves, truncated: truncated, knownUntil: Samples.time, gaps: [])
    }

    private func move(
        _ from: UInt64, _ to: UInt64, _ cause: MoveCause.Operation, allocation: Int? = 9, boot: UInt32 = 1
    ) -> Move {
        Move(
            time: Samples.time.later(-1_000), boot: boot, sequence: 1042, allocation: allocation,
            from: Address(from), to: Address(to), bytes: 1200,
            cause: MoveCause(
                operation: cause, allocation: allocation.map { $0 * 2 }, index: 3, address: Address(0x2000_0418),
                size: 61, owner: nil))
    }

    @Test func aMoveIsTheBlockItsWayAndItsCause() {
        let moves = [move(0x2000_0458, 0x2000_0418, .free), move(0x2000_0418, 0x2000_0458, .resize, allocation: nil)]
        #expect(
            MovesView.render(list(moves), on: .plain).text == """
                TIME UTC                 FRAME  BLOCK  FROM        TO          BYTES  DISTANCE B  CAUSE
                2026-11-23 03:11:59.999  #1042     #9  0x20000458  0x20000418  1,200         -64  free of #18, 61 B at 0x20000418
                2026-11-23 03:11:59.999  #1042      ?  0x20000418  0x20000458  1,200         +64  resize of entry 3, until then 61 B at 0x20000418

                """)
    }

    @Test func theCauseIsBelowTheMoveOnANarrowTerminal() {
        let text = MovesView.render(list([move(0x2000_0458, 0x2000_0418, .free)]), on: Samples.terminal()).text
        #expect(
            text == """
                sensor-01 · heap main · 2026-11-23

                TIME UTC      FRAME  BLOCK  FROM        TO          BYTES  DISTANCE B
                03:11:59.999  #1042     #9  0x20000458  0x20000418  1,200         -64
                  cause free of #18, 61 B at 0x20000418

                """)
    }

    @Test func severalBootsAreTold() {
        let moves = [move(8, 4, .free), move(8, 4, .free, boot: 0xAB)]
        #expect(MovesView.render(list(moves), on: .plain).text.contains("  000000ab\n"))
    }

    @Test func aCutListSaysSo() {
        let moves = [move(8, 4, .free)]
        #expect(MovesView.render(list(moves), on: .plain).remarks.isEmpty)
        let remarks = MovesView.render(list(moves, truncated: true), on: .plain).remarks
        #expect(remarks.first?.hasPrefix("Cut by --limit: this is the latest move of more") == true, "\(remarks)")
    }

    @Test func aSearchThatStoppedSaysWhere() {
        for moves in [[], [move(8, 4, .free)]] {
            var list = list(moves)
            (list.stoppedAt, list.knownUntil) = (Samples.time.later(-30_000_000), Samples.time.later(60_000_000))
            let rendering = MovesView.render(list, on: .plain)
            #expect(
                rendering.remarks.last == "The search ended at 2026-11-23 03:11:30.000 UTC after as much work as one "
                    + "question may take: ask for a shorter range.")
            #expect(!moves.isEmpty || rendering.remarks.first?.contains("to 2026-11-23 03:11:30.000 UTC") == true)
        }
    }

    @Test func theEndOfWhatIsKnownIsSaid() {
        var list = list([move(8, 4, .free)])
        list.knownUntil = Samples.time.later(-1_000_000)
        #expect(
            MovesView.render(list, on: .plain).text.hasSuffix(
                "\n\nKnown until 2026-11-23 03:11:59.000 UTC: what came after is not known yet.\n"))
        list.moves = []
        #expect(
            MovesView.render(list, on: .plain).remarks == [
                "No block moved in heap main from 2026-11-23 03:11:00.000 to 2026-11-23 03:11:59.000 UTC; --since looks "
                    + "further back."
            ])
    }

    @Test func noMovesAreExplained() {
        let rendering = MovesView.render(list([]), on: .plain)
        #expect(rendering.text.isEmpty)
        #expect(rendering.remarks.first?.hasPrefix("No block moved in heap main from 2026-11-23 03:11") == true)
    }
}
