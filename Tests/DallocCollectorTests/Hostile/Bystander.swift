// SPDX-License-Identifier: Apache-2.0
//
// A device that shares a store with others: its history must be the same whatever they send.

import HeapHistory

@testable import DallocCollector
@testable import FuzzModels

struct Bystander {
    static let name = "bystander"

    private var device = ScriptedDevice()
    private var line = StoreLine()

    /// Connects, lives for ten minutes and sends a frame every five seconds.
    mutating func live(in lived: LivedStore) async throws {
        _ = try await line.receive(hello, in: lived, at: RecordedHistory.time(Int64(device.tick)))
        for number in 0..<120 {
            device.tick += 5000
            let frame = work(number, isKeyframe: number % 50 == 0)
            _ = try await line.receive(frame, in: lived, at: RecordedHistory.time(Int64(device.tick)))
        }
        try await line.commit(in: lived)
    }

    /// Sends a frame by the machine's clock; greets first when the line is new.
    mutating func report(in lived: LivedStore) async throws {
        device.tick = max(device.tick, UInt64(clamping: lived.clock.uptime / 1000))
        let isNew = line.session.bootID == nil
        if isNew { _ = try await line.receive(hello, in: lived, at: lived.clock.now) }
        let frame = work(Int(device.sequence), isKeyframe: isNew || device.sequence % 50 == 0)
        do {
            _ = try await line.receive(frame, in: lived, at: lived.clock.now)
            try await line.commit(in: lived)
        } catch is ClockWasSet {
            // A clock that was set far has ended the boot: with the next frame, the device greets again.
            line.drop()
        }
    }

    /// The connection ended with the process.
    mutating func drop() { line.drop() }

    private var hello: [UInt8] {
        PayloadBytes.hello(
            device: Self.name, boot: 1, tick: device.tick, oldest: device.sequence + 1,
            layouts: [ScriptedDevice.layout])
    }

    private mutating func work(_ number: Int, isKeyframe: Bool) -> [UInt8] {
        device.allocate(UInt32(number % 60 + 1), owner: 0x2000_0000 + UInt64(number % 40) * 4)
        if device.blocks.count > 12 { device.free(number % 12) }
        if number % 30 == 7 { device.fail(5000, why: 0) }
        return isKeyframe ? device.keyframe() : device.delta()
    }
}
