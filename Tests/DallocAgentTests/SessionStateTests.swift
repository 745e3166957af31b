// SPDX-License-Identifier: Apache-2.0
//
// Which state of a session may follow which. (That the agent takes no other step, its assertions show in every other test.)

import Testing

@testable import DallocAgent

struct SessionStateTests {
    private static let states: [(name: String, state: SessionState)] = [
        ("down", .down), ("greeting", .greeting), ("awaitingWelcome", .awaitingWelcome), ("streaming", .streaming),
        ("refused", .refused), ("backingOff", .backingOff),
    ]

    @Test(arguments: [
        ("down", ["down", "greeting", "refused", "backingOff"]),
        ("greeting", ["down", "greeting", "awaitingWelcome", "streaming", "refused"]),
        ("awaitingWelcome", ["down", "greeting", "streaming", "refused"]),
        ("streaming", ["down", "greeting", "refused"]),
        ("refused", ["down", "refused"]),
        ("backingOff", ["down"]),
    ])
    func aStateIsFollowedByThese(name: String, following: [String]) throws {
        let state = try #require(Self.states.first { $0.name == name }?.state)
        #expect(Self.states.filter { state.canBecome($0.state) }.map(\.name) == following)
    }

    @Test func eachStateIsAByteOfItsOwn() {
        #expect(Self.states.map(\.state.rawValue) == [0, 1, 2, 3, 4, 5])
        #expect(Self.states.filter(\.state.isConnected).count == 4)
        #expect(!SessionState(rawValue: 6).canBecome(.down))
    }
}
