// SPDX-License-Identifier: Apache-2.0
//
// A collector on a machine whose clock a test can set, and a device that it serves.

import Foundation
import GRDB
import HeapHistory
import Logging
import Testing

@testable import DallocCollector

final class WallClockSite {
    let machine = Machine()
    let path = NSTemporaryDirectory() + "dalloc-\(UUID().uuidString).sqlite"
    var store: HistoryStore
    private(set) var session = DeviceSession()
    private(set) var device = ScriptedDevice()
    private var boot: UInt32 = 0
    private var run = 0
    private var bootID: Int64 = 0
    /// Frames that are not acknowledged yet.
    private var ring: [(sequence: UInt32, payload: [UInt8])] = []
    private var began = Timestamp(microseconds: 0)
    struct Truth {
        var time: Timestamp
        var boot: UInt32
        var run: Int
        var blocks: [ScriptedDevice.Block]
    }

    /// What the device had at true moments.
    var truths: [Truth] = []

    init() throws {
        store = try HistoryStore(
            path: path, durability: .process, logger: Logger(label: "test"), time: machine.source)
    }

    deinit {
        try? store.close()
        for suffix in ["", "-wal", "-shm", "-lock", "-inhand", "-reserve"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    /// - Parameter reusesID: the device has the boot id that it had, against the rule.
    func reset(reusesID: Bool = false) async throws {
        if !reusesID || boot == 0 { boot += 1 }
        run += 1
        (device, ring) = (ScriptedDevice(), [])
        machine.pass(seconds: 0.5)
        began = machine.truth
        truths.append(Truth(time: began, boot: boot, run: run, blocks: []))
        try await connect()
    }

    func connect() async throws {
        try await store.lookAtClock()
        device.tick = tick
        let oldest = ring.first?.sequence ?? device.sequence + 1
        let hello = try ScriptedDevice.hello(boot: boot, oldest: oldest, tick: tick)
        let opened = try await store.openBoot(hello, link: "tcp test", at: machine.shown)
        session = DeviceSession()
        session.open(opened, hello: hello)
        bootID = opened.id
        ring.removeAll { $0.sequence <= opened.lastSequence }
        // What a collector asks for that lacks a table.
        push(device.delta())
        push(device.keyframe())
    }

    private func push(_ payload: [UInt8]) { ring.append((device.sequence, payload)) }

    private var tick: UInt64 { UInt64(1000 + (machine.truth.microseconds - began.microseconds) / 1000) }

    /// The device changes its heap and reports; it connects again when the collector wants that.
    func report() async throws {
        device.tick = tick
        device.allocate(UInt32(truths.count % 40 + 1), owner: UInt64(8 + truths.count * 8))
        if device.blocks.count > 20 { device.free(truths.count % 20) }
        push(device.delta())
        truths.append(Truth(time: machine.truth, boot: boot, run: run, blocks: device.blocks))
        for _ in 0..<4 {
            do {
                if try await send() { return }
            } catch is ClockWasSet {}
            try await connect()
        }
        Issue.record("the device's frames are not taken")
    }

    /// False when the collector wants another greeting.
    private func send() async throws -> Bool {
        for (_, payload) in ring {
            session.believeArrivals(store.clock.isProven)
            switch payload.withUnsafeBufferPointer({ session.receive($0, at: machine.shown) }) {
            case .frame(let frame):
                try await store.commit(IngestBatch(bootID: bootID, frames: [frame]), at: machine.shown)
            case .duplicate: break
            case .anotherRun(let hello):
                let opened = try await store.openBoot(
                    hello, link: "tcp test", at: machine.shown, startsOver: true)
                session.open(opened, hello: hello)
                bootID = opened.id
                return try await send()
            default: return false
            }
        }
        ring = []
        return true
    }

    /// The collector ends, and the next one starts after a while.
    func restart(machineToo: Bool = false) throws {
        try store.close()
        if machineToo { machine.restart() }
        store = try HistoryStore(
            path: path, durability: .process, logger: Logger(label: "test"), time: machine.source)
    }

    func snapshot(_ moment: Moment) async throws -> Snapshot {
        try await HistoryQuery(store: store).snapshot(device: "pump", heap: nil, at: moment)
    }
}
