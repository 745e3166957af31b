// SPDX-License-Identifier: Apache-2.0
//
// The parts of a fleet that several questions share.

import Testing

@testable import DallocCollector

struct FleetShardTests {
    private func shards(_ count: Int) throws -> [FleetShard] {
        try (1...count).map { try #require(FleetShard("\($0)/\(count)")) }
    }

    @Test func everyDeviceIsInOnePart() throws {
        let devices = (1...2000).map { "pump-\($0)" } + ["", "Ä", "\u{1F600}"]
        for count in [1, 2, 3, 4, 7, 1000] {
            let shards = try shards(count)
            for device in devices { #expect(shards.count { $0.has(device) } == 1, "\(device) in \(count) parts") }
        }
    }

    /// Which part that is must never change: each scrape job would get devices of others, and the history of their series would end.
    @Test func theHashIsTheOneThatIsDescribed() {
        // Published vectors of FNV-1a: "" and "foobar"; then the halves are folded.
        let (empty, foobar): (UInt64, UInt64) = (0xCBF2_9CE4_8422_2325, 0x8594_4171_F739_67E8)
        #expect(FleetShard.hash("") == empty ^ 0xCBF2_9CE4)
        #expect(FleetShard.hash("foobar") == foobar ^ 0x8594_4171)
    }

    @Test func partsAreAboutEquallyLarge() throws {
        for (name, count) in [("pump-", 2), ("sim-", 4), ("00:1A:2B:", 10), ("load-", 16)] {
            for shard in try shards(count) {
                let devices = (1...10_000).count { shard.has("\(name)\($0)") }
                let fair = 10_000 / count
                #expect((fair * 8 / 10...fair * 12 / 10).contains(devices), "\(name) \(shard): \(devices)")
            }
        }
    }

    @Test func whatIsNoPartIsNotRead() {
        for text in [
            "", "/", "1", "0/1", "2/1", "1/0", "1/1001", "-1/2", "+1/2", "1/2/3", "1/ 2", "01/2", "1/02", "x/2", "1/x",
            "18446744073709551617/18446744073709551617", "\u{661}/2",
        ] {
            #expect(FleetShard(text) == nil, "\(text)")
        }
        #expect(FleetShard("1000/1000") != nil)
    }
}
