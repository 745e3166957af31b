// SPDX-License-Identifier: Apache-2.0
//
// Peers at the door of a collector: several devices with one id, names that are made up, looks that bring nothing, and silence.

import Foundation
import HeapHistory
import HeapWire
import TestSupport
import Testing

@Suite(.serialized) struct DoorTests {
    private func lines(_ collector: RunningCollector, with words: String) -> Int {
        collector.program.errors.split(separator: "\n").count { $0.contains(words) }
    }

    private func closed(_ collector: RunningCollector, _ reason: String) async throws -> Double? {
        try await collector.metric("dalloc_collector_connections_closed_total{reason=\"\(reason)\"}")
    }

    @Test func ofTwoDevicesWithOneIdTheFirstStays() async throws {
        let collector = try await RunningCollector(Scratch())
        func connect(boot: UInt32, tick: UInt64) throws -> Socket {
            let socket = try Socket(connectedTo: collector.port)
            socket.send(WireBytes.hello(device: "twin", boot: boot, tick: tick))
            return socket
        }
        let first = try connect(boot: 1, tick: 5000)
        #expect(try await nextReply(first) == .welcome(Welcome(boot: 1, lastStored: 0)))
        first.send(WireBytes.keyframe(sequence: 1))
        #expect(try await nextReply(first) == .ack(Ack(boot: 1, sequence: 1)))
        let second = try connect(boot: 2, tick: 5000)
        #expect(try await nextReply(second) == .welcome(Welcome(boot: 2, lastStored: 0)), "it may have been reset")
        second.send(WireBytes.keyframe(sequence: 1))
        #expect(try await nextReply(second) == .ack(Ack(boot: 2, sequence: 1)))
        #expect(try await nextReply(first) == nil)
        let back = try connect(boot: 1, tick: 6000)
        #expect(try await nextReply(back) == .welcome(Welcome(boot: 1, lastStored: 1)))
        for _ in 0..<50 {
            let refused = try connect(boot: 2, tick: 6000)
            let refusal = try #require(try await nextRefusal(refused), "it is told")
            #expect(refusal.boot == 2)
            #expect(refusal.reason == .sameID)
            #expect((5000...10_000).contains(refusal.wait), "ten seconds at first")
            #expect(try await nextReply(refused) == nil, "refused")
        }
        back.send(WireBytes.keyframe(sequence: 2, tick: 7000))
        #expect(try await nextReply(back) == .ack(Ack(boot: 1, sequence: 2)), "the first one is not disturbed")
        #expect(try await closed(collector, "twin") == 50)
        let device = try #require(try await collector.summary(of: "twin"))
        #expect(device.connected)
        #expect(device.warnings.map(\.code) == [.idConflict])
        #expect(lines(collector, with: "the same id") <= 5, "not one line for each")
        #expect(try await collector.stop() == 0)
        #expect(lines(collector, with: "left out") > 0, "what was left out is counted")
        let check = try await collector.check()
        #expect(check.findings == [])
        #expect(check.gaps == 0)
    }

    @Test func aConnectionThatMakesUpDevicesIsStopped() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try Socket(connectedTo: collector.port)
        socket.send((0..<2000).flatMap { WireBytes.hello(device: "made-up-\($0)") })
        try await wait(for: "the collector to hang up") { socket.receive(milliseconds: 50) == [] }
        #expect(try await collector.devices().count <= 100)
        let rejected = "dalloc_collector_frames_rejected_total{reason=\"too_many_new_devices\"}"
        #expect(try await collector.metric(rejected) ?? 0 >= 64)
        // One that is known is served, from the same address, as is one that is new.
        let known = try Socket(connectedTo: collector.port)
        known.send(WireBytes.hello(device: "made-up-0"))
        #expect(try await nextReply(known) == .welcome(Welcome(boot: 1, lastStored: 0)))
        known.send(WireBytes.hello(device: "new"))
        #expect(try await nextReply(known) == .welcome(Welcome(boot: 1, lastStored: 0)))
        #expect(try await collector.stop() == 0)
    }

    @Test func framesAfterARefusedGreetingAreNobodys() async throws {
        let collector = try await RunningCollector(Scratch())
        let socket = try Socket(connectedTo: collector.port)
        // A device is new on each second of a connection, and 64 are at once.
        for number in 0..<80 { socket.send(WireBytes.hello(device: "made-up-\(number)")) }
        socket.send(WireBytes.keyframe(sequence: 1))
        #expect(try await nextRefusal(socket) == Refuse(boot: 1, wait: 10_000, reason: .tooManyDevices))
        let rejected = "dalloc_collector_frames_rejected_total{reason=\"before_hello\"}"
        try await wait(for: "the frame") { try await collector.metric(rejected) == 1 }
        #expect(try await collector.stop() == 0)
    }

    @Test func aDeviceThatMakesUpBootsIsStopped() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--new-boots-per-minute", "1"])
        let socket = try Socket(connectedTo: collector.port)
        socket.send((1...200).flatMap { WireBytes.hello(device: "crashing", boot: $0) })
        var welcomed = 0
        try await wait(for: "the collector to hang up") {
            while case .welcome = try await nextReply(socket) { welcomed += 1 }
            return true
        }
        #expect((60...62).contains(welcomed))
        let rejected = "dalloc_collector_frames_rejected_total{reason=\"too_many_new_boots\"}"
        #expect(try await collector.metric(rejected) ?? 0 >= 64)
        #expect(lines(collector, with: "a boot that nobody knows") == 1, "one line tells of all")
        let late = try Socket(connectedTo: collector.port)
        late.send(WireBytes.hello(device: "crashing", boot: 201))
        #expect(try await nextRefusal(late) == Refuse(boot: 201, wait: 10_000, reason: .tooManyBoots))
        // Its boots that are known are served, and so are other devices.
        let known = try Socket(connectedTo: collector.port)
        known.send(WireBytes.hello(device: "crashing", boot: 60))
        #expect(try await nextReply(known) == .welcome(Welcome(boot: 60, lastStored: 0)))
        let other = try Socket(connectedTo: collector.port)
        other.send(WireBytes.hello(device: "other", boot: 1))
        #expect(try await nextReply(other) == .welcome(Welcome(boot: 1, lastStored: 0)))
        #expect(try await collector.stop() == 0)
    }

    @Test func aClockThatStandsIsShownUntilItGoesAgain() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--clock-window", "1s"])
        let socket = try Socket(connectedTo: collector.port)
        socket.send(WireBytes.hello(device: "sleepy"))
        #expect(try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)))
        let begin = ContinuousClock.now
        var sequence: UInt32 = 0
        /// A frame with an operation, and what is said of the device then.
        func warnings(tick: UInt64) async throws -> [DeviceWarning] {
            sequence += 1
            socket.send(WireBytes.keyframe(sequence: sequence, tick: tick, operations: UInt64(sequence)))
            #expect(try await nextReply(socket) == .ack(Ack(boot: 1, sequence: sequence)))
            return try await collector.summary(of: "sleepy")?.warnings ?? []
        }
        var shown: [DeviceWarning] = []
        try await wait(for: "the warning") {
            shown = try await warnings(tick: 5001)
            return !shown.isEmpty
        }
        #expect(shown.map(\.code) == [.clockStands])
        #expect(shown.first?.message.contains("it counted 0.0 s in") == true)
        #expect((1...5).contains(lines(collector, with: "a device's clock stands while it works")))
        #expect(try await collector.metric("dalloc_collector_device_clock_stands_total") ?? 0 >= 1)
        try await wait(for: "the warning to go") {
            let passed = (ContinuousClock.now - begin) / .milliseconds(1)
            return try await warnings(tick: 5001 + UInt64(passed)).isEmpty
        }
        #expect(try await collector.stop() == 0)
    }

    @Test func looksThatBringNothingAreCountedAndNotLogged() async throws {
        let collector = try await RunningCollector(Scratch())
        for number in 0..<40 {
            let socket = try Socket(connectedTo: collector.port)
            if number % 2 == 0 { socket.abort() } else { socket.close() }
        }
        try await wait(for: "all of them to be counted") { try await closed(collector, "probe") == 40 }
        let before = collector.program.errors
        #expect(!before.contains("unknown"))
        #expect(!before.contains("failed"))
        #expect(try await collector.stop() == 0)
    }

    @Test func aLineThatFallsSilentIsEndedAndTold() async throws {
        let collector = try await RunningCollector(Scratch(), options: ["--idle-timeout", "1s"])
        let socket = try Socket(connectedTo: collector.port)
        socket.send(WireBytes.hello(device: "silent"))
        #expect(try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)))
        #expect(try await nextRefusal(socket) == Refuse(boot: 1, wait: 0, reason: .silence))
        #expect(try await nextReply(socket) == nil)
        #expect(try await closed(collector, "idle") == 1)
        try await wait(for: "the log") { lines(collector, with: "nothing was heard of it for long") == 1 }
        #expect(try await collector.summary(of: "silent")?.connected == false)
        #expect(try await collector.stop() == 0)
    }

    @Test func aDeviceIsToldThatTheCollectorStops() async throws {
        let collector = try await RunningCollector(Scratch())
        let (socket, stranger) = (try Socket(connectedTo: collector.port), try Socket(connectedTo: collector.port))
        socket.send(WireBytes.hello(device: "left"))
        #expect(try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)))
        #expect(try await collector.stop() == 0)
        #expect(try await nextRefusal(socket) == Refuse(boot: 1, wait: 0, reason: .shutdown))
        #expect(try await nextRefusal(stranger) == nil, "a peer that is no device is told nothing")
    }

    @Test func aStarListensToAllAddresses() async throws {
        let scratch = try Scratch()
        let port = try freePort()
        let collector = try Program(
            "dalloc-collector",
            [
                "serve", "--listen", "*:\(port)", "--allow-plaintext", "--api", "127.0.0.1:0", "--database",
                scratch["star.sqlite"],
            ],
            in: scratch)
        try await wait(for: "the collector to be ready") { collector.errors.contains("the collector is ready") }
        let socket = try Socket(connectedTo: port)
        socket.send(WireBytes.hello(device: "four"))
        #expect(try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)))
        #expect(collector.errors.contains("tcp 127.0.0.1:\(socket.localPort)"), "its address is an IPv4 one")
        collector.signal(SIGTERM)
        #expect(try await collector.finish().status == 0)
    }

    @Test func aStarListensToAllAddressesForQuestionsToo() async throws {
        let scratch = try Scratch()
        let port = try freePort()
        let collector = try Program(
            "dalloc-collector",
            ["serve", "--listen", "127.0.0.1:0", "--api", "*:\(port)", "--database", scratch["star.sqlite"]],
            in: scratch)
        try await wait(for: "the collector to be ready") { collector.errors.contains("the collector is ready") }
        for address in ["127.0.0.1", "[::1]"] {
            let answer = try await Program.run(
                "dalloc", ["devices", "--format", "json", "--collector", "\(address):\(port)"], in: scratch)
            #expect(answer.status == 0, "\(address): \(answer.errors)")
        }
        collector.signal(SIGTERM)
        #expect(try await collector.finish().status == 0)
    }

    @Test func aSerialLineThatIsNotThereYetIsWaitedFor() async throws {
        let scratch = try Scratch()
        let line = scratch["tty"]
        let collector = try await RunningCollector(scratch, serial: [line])
        try await wait(for: "the warning") { collector.program.errors.contains("can't be used now") }
        let socket = try Socket(connectedTo: collector.port)
        socket.send(WireBytes.hello(device: "tcp"))
        #expect(try await nextReply(socket) == .welcome(Welcome(boot: 1, lastStored: 0)), "others are served")
        let device = try Program(
            "dalloc-simulator", ["--pty", line, "--name", "late", "--rate", "100", "--frame-interval", "50"],
            in: scratch)
        try await wait(for: "the device") {
            guard device.isRunning else { throw TimedOut(description: "the simulator ended: \(device.errors)") }
            return try await collector.summary(of: "late-01")?.heaps.first?.sequence ?? 0 > 3
        }
        device.signal(SIGTERM)
        #expect(try await device.finish().status == 0)
        #expect(try await collector.stop() == 0)
    }
}
