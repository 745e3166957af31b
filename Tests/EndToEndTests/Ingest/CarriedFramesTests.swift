// SPDX-License-Identifier: Apache-2.0
//
// Real agents whose frames travel in messages: over HTTP with answers, and over MQTT without. Every table is the device's.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct CarriedFramesTests {
    private func expectTruth(_ device: WatchedDevice, in collector: RunningCollector) async throws {
        let frames = device.truth.keys.sorted()
        #expect(frames.last == device.lastFrame)
        // Each takes a program of its own.
        for frame in Set(frames.enumerated().filter { $0.offset % 12 == 0 }.map(\.element) + [device.lastFrame]) {
            device.truth[frame]?.expectEqual(try await collector.snapshot(device.id, at: "#\(frame)"))
        }
        let gaps = Data(try await collector.ask(["gaps", device.id, "--since", "1h"]).output.utf8)
        let list = try HistoryCoding.decoder().decode(GapList.self, from: gaps)
        // Between two messages a device is not connected.
        #expect(list.gaps.allSatisfy { $0.cause == .disconnected }, "\(list)")
    }

    @Test func aDeviceThatPostsLosesNothing() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--api-ingest"])
        let device = try WatchedDevice("poster", hasReplies: true, seed: 11)
        var random = SeededRandom(seed: 12)
        for turn in 0..<120 {
            device.work()
            usleep(11_000)
            device.poll()
            if turn == 60 {
                try await collector.kill()
                try await collector.restart()
            }
            guard let chunk = device.takeChunk(), !random.once(in: 4) else { continue }
            let answer = try #require(try await collector.post(chunk))
            #expect(answer.status == 200, "\(answer.body)")
            // Now and then the answer is lost.
            if !random.once(in: 4) { device.give(answer.bodyBytes) }
        }
        while let chunk = device.takeChunk() {
            let answer = try #require(try await collector.post(chunk))
            try #require(answer.status == 200, "\(answer.body)")
            device.give(answer.bodyBytes)
        }
        #expect(device.isDrained && device.lost == 0)
        try await expectTruth(device, in: collector)
        #expect(try await collector.stop() == 0)
    }

    /// `make test` installs mosquitto, mosquitto_pub and mosquitto_sub.
    @Test func whatMosquittoCarriesIsStored() async throws {
        let (scratch, port) = (try Scratch(), try freePort())
        try Data("listener \(port) 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nuser root\n".utf8).write(
            to: URL(fileURLWithPath: scratch["mosquitto.conf"]))
        let broker = try Program("/usr/sbin/mosquitto", ["-c", scratch["mosquitto.conf"]], in: scratch)
        try await wait(for: "mosquitto to run") {
            try #require(broker.isRunning, "\(broker.errors)")
            return broker.errors.contains("running")
        }
        let client = ["-h", "127.0.0.1", "-p", "\(port)", "-q", "1"]
        let subscription = client + ["-c", "-i", "gateway", "-t", "fleet/+/heap"]
        // The broker keeps messages for the gateway from now on, whether it is connected or not.
        #expect(try await Program.run("/usr/bin/mosquitto_sub", subscription + ["-E"], in: scratch).status == 0)
        let devices = try [
            WatchedDevice("pump", hasReplies: false, seed: 1), WatchedDevice("fan", hasReplies: false, seed: 2),
        ]
        var messages = 0
        for _ in 0..<15 {
            for device in devices {
                for _ in 0..<4 {
                    device.work()
                    usleep(11_000)
                    device.poll()
                }
                while let chunk = device.takeChunk() {
                    try Data(chunk).write(to: URL(fileURLWithPath: scratch["message"]))
                    let end = try await Program.run(
                        "/usr/bin/mosquitto_pub", client + ["-t", "fleet/\(device.id)/heap", "-f", scratch["message"]],
                        in: scratch)
                    try #require(end.status == 0, "\(end.errors)")
                    messages += 1
                }
            }
        }
        let ingest = Program.folder.appendingPathComponent("dalloc-collector").path
        let command = ["mosquitto_sub", "-N", "-C", "\(messages)"] + subscription
        let pipe = "\(command.joined(separator: " ")) | \(ingest) ingest - --database history.sqlite"
        let end = try await Program.run("/bin/bash", ["-o", "pipefail", "-c", pipe], in: scratch)
        #expect(end.status == 0, "\(end.output)\(end.errors)")
        broker.signal(SIGTERM)
        #expect(try await broker.finish().status == 0)
        let collector = try await RunningCollector(scratch)
        for device in devices { try await expectTruth(device, in: collector) }
        #expect(try await collector.stop() == 0)
    }
}
