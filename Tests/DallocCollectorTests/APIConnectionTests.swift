// SPDX-License-Identifier: Apache-2.0
//
// When a client of the API is taken for one that does not read.

import NIOCore
import NIOEmbedded
import Testing

@testable import DallocCollector

struct APIConnectionTests {
    private let start = NIODeadline.now()
    private func second(_ number: Int64) -> NIODeadline { start + .seconds(number) }

    /// A client that takes so many bytes each second, as pieces of 64 KB, of an answer that has no end. When it is cut; nil: never.
    private func isCut(bytesPerSecond: Int64) -> Int64? {
        let connection = APIConnection(EmbeddedChannel(), isSurplus: false)
        connection.beginRequest()
        var taken: Int64 = 0
        connection.beginWrite(at: second(0))
        for now in 1..<7200 as Range<Int64> {
            taken += bytesPerSecond
            while taken >= 65_536 {
                taken -= 65_536
                connection.endWrite(bytes: 65_536, at: second(now))
                connection.beginWrite(at: second(now))
            }
            if connection.end(at: second(now), APILimits()) == .unread { return now }
        }
        return nil
    }

    @Test func aClientThatReadsInTricklesIsCut() throws {
        #expect(isCut(bytesPerSecond: 1) == 31)
        // A piece every 22 seconds: each for itself is in time.
        #expect(try #require(isCut(bytesPerSecond: 3000)) < 60)
        #expect(try #require(isCut(bytesPerSecond: 30_000)) < 900)
    }

    @Test func aClientThatReadsIsNot() {
        #expect(isCut(bytesPerSecond: 40_000) == nil)
        #expect(isCut(bytesPerSecond: 10_000_000) == nil)
    }

    /// What it needs to think between two questions is its own business, within the time that a connection may wait.
    @Test func waitingForARequestIsNoTrickle() {
        let connection = APIConnection(EmbeddedChannel(), isSurplus: false)
        for question in 0..<1000 as Range<Int64> {
            connection.beginRequest()
            connection.beginWrite(at: second(question * 50))
            #expect(connection.end(at: second(question * 50), APILimits()) == nil)
            connection.endWrite(bytes: 100, at: second(question * 50))
            connection.endRequest()
        }
    }
}
