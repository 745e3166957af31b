// SPDX-License-Identifier: Apache-2.0
//
// A real database in a folder of its own, fed through the session state machine as a connection does it.

import Foundation
import HeapHistory
import HeapWire
import Logging
import Synchronization

@testable import DallocCollector

final class RecordedHistory {
    let path: String
    let store: HistoryStore
    let query: HistoryQuery
    /// Whether the device counts as connected for whoever asks.
    let isConnected: Connection

    final class Connection: Sendable {
        private let isOpen = Atomic<Bool>(false)

        var now: Bool { isOpen.load(ordering: .relaxed) }
        func set(_ open: Bool) { isOpen.store(open, ordering: .relaxed) }
    }

    private(set) var session = DeviceSession()
    private let gatherEvery: Int?
    private var received = 0

    /// Where the boot's tick 1000 is in time.
    static let start = Timestamp(microseconds: 1_700_000_000_000_000)

    static func time(_ tick: Int64) -> Timestamp {
        Timestamp(microseconds: start.microseconds + (tick - 1000) * 1000)
    }

    /// - Parameter gatherEvery: frames after which all that has come is gathered into chunks.
    init(gatherEvery: Int? = nil, durability: Durability = .power) throws {
        self.gatherEvery = gatherEvery
        path = NSTemporaryDirectory() + "dalloc-\(UUID().uuidString).sqlite"
        // The machine's clock stands at the beginning of what is recorded.
        let time = WallClock.Source(
            wall: { Self.start.microseconds }, uptime: { 1_000_000 }, machineBoot: "test")
        store = try HistoryStore(
            path: path, durability: durability, logger: Logger(label: "dalloc-collector"), time: time)
        let connection = Connection()
        isConnected = connection
        query = HistoryQuery(store: store) { _ in connection.now }
    }

    deinit {
        try? store.close()
        for suffix in ["", "-wal", "-shm", "-lock", "-inhand", "-reserve"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    /// A new connection of the device.
    func greet(_ hello: DeviceHello, at time: Timestamp = RecordedHistory.start) async throws {
        session = DeviceSession()
        session.open(try await store.openBoot(hello, link: "tcp test", at: time), hello: hello)
    }

    /// Opens another run, as a connection does that frames have shown it.
    func startOver(_ hello: DeviceHello, at time: Timestamp = RecordedHistory.start) async throws {
        session.open(try await store.openBoot(hello, link: "tcp test", at: time, startsOver: true), hello: hello)
    }

    /// The device was told so.
    func tell(_ level: Request.Level?) { session.level = level }

    func greetAgain(_ hello: DeviceHello) { session.greetAgain(hello) }

    /// What the session says of a payload, without storing it.
    func event(_ payload: [UInt8], at arrival: Timestamp = RecordedHistory.start) -> DeviceSession.Event {
        payload.withUnsafeBufferPointer { session.receive($0, at: arrival) }
    }

    /// Stores what the payload adds; false when the session does not take it as new.
    @discardableResult
    func receive(_ payload: [UInt8], at arrival: Timestamp = RecordedHistory.start) async throws -> Bool {
        guard case .frame(let frame) = event(payload, at: arrival), let boot = session.bootID else {
            return false
        }
        try await store.commit(IngestBatch(bootID: boot, frames: [frame]), at: Self.start)
        received += 1
        if let gatherEvery, received % gatherEvery == 0 { try await ChunkWriter(store: store).gather() }
        return true
    }

    func snapshot(_ moment: Moment) async throws -> Snapshot {
        try await query.snapshot(device: "pump", heap: nil, at: moment)
    }

    /// What is missing between the first report and the last.
    func gaps() async throws -> [Gap] {
        try await query.history(
            device: "pump", heap: nil, since: Self.time(0), until: Self.time(1_000_000), stepMicroseconds: 1_000_000
        ).gaps.filter { ![.silence, .disconnected].contains($0.cause) }
    }
}

extension Snapshot {
    var blocks: [ScriptedDevice.Block] {
        entries.map { ScriptedDevice.Block(size: UInt32($0.size), owner: $0.owner?.value ?? 0) }
    }
}
