// SPDX-License-Identifier: Apache-2.0
//
// A device that talks to somebody who is no collector, and two that claim to be the same: neither keeps the network
// busy.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct WrongPortTests {
    @Test func aDeviceThatTalksToTheAPIsPortNoticesAndSaysSo() async throws {
        let collector = try await RunningCollector(Scratch())
        let proxy = try FreezingProxy(to: collector.apiPort)
        defer { proxy.end() }
        let device = try WatchedDevice(
            "lost", port: proxy.port, boot: 7, isOneWay: false, transmit: 16_384, seed: 3)
        try await wait(for: "a few attempts", pause: .milliseconds(2)) {
            device.work()
            return device.linksLost >= 3
        }
        #expect(proxy.connections <= 4)
        print("the API's port: \(device.linkError)")
        #expect(try await collector.stop() == 0)
    }

    /// 143 connections a minute came of it, for ever.
    @Test func twoDevicesWithOneIdComeEverMoreSeldom() async throws {
        let scratch = try Scratch()
        let collector = try await RunningCollector(scratch)
        let proxy = try FreezingProxy(to: collector.port)
        defer { proxy.end() }
        let twins = try (1...2).map { seed in
            try Program(
                "dalloc-simulator",
                [
                    "--collector", "127.0.0.1:\(proxy.port)", "--name", "twin", "--seed", "\(seed)", "--frame-interval",
                    "100",
                ],
                in: scratch)
        }
        try await wait(for: "both") { proxy.connections >= 2 }
        try await Task.sleep(for: .seconds(30))
        let connections = proxy.connections
        print("two devices with one id: \(connections) connections in 30 s")
        #expect(connections >= 4 && connections <= 20)
        for twin in twins {
            twin.signal(SIGTERM)
            _ = try await twin.finish()
        }
        #expect(try await collector.stop() == 0)
    }
}
