// SPDX-License-Identifier: Apache-2.0
//
// Which state of a link may follow which.

import Testing

@testable import POSIXLink

struct LinkStateTests {
    @Test func aLinkThatIsUpClosesAndOneThatHasEndedStaysSo() {
        let states: [LinkState] = [.closed, .connecting, .up, .ended]
        #expect(states.map(\.rawValue) == [0, 1, 2, 3])
        let table = states.map { state in states.map { state.canBecome($0) } }
        #expect(
            table == [
                [true, true, true, true],
                [true, true, true, true],
                [true, false, false, true],
                [false, false, false, true],
            ])
    }
}
