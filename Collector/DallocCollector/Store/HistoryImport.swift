// SPDX-License-Identifier: Apache-2.0
//
// Stores what devices would have reported at moments of the caller's choice, by the way that a collector takes: session, replay, commit,
// chunks and rollups. For databases as large as those of a fleet and a month.

internal import GRDB
public import HeapHistory
internal import HeapWire
public import Logging

/// A database that no collector has open.
public final class HistoryImport: Sendable {
    fileprivate let store: HistoryStore
    private let gathering: Gathering

    /// Opens the database at `path`, or makes it. What is written survives the end of the process only when it is closed.
    /// - Throws: ``StoreError``.
    public init(path: String, logger: Logger) throws(StoreError) {
        store = try HistoryStore(path: path, durability: .process, logger: logger)
        gathering = Gathering(store: store)
    }

    /// Gathers what is left, and ends all use of the database.
    public func close() async throws {
        try await Gatherer(store: store).gather()
        try store.close()
    }

    fileprivate func commit(_ batch: IngestBatch, at now: Timestamp) async throws {
        try await store.commit(batch, at: now)
        try await gathering.goOn()
    }

    /// Gathers beside those who commit; they wait only where it falls behind.
    private actor Gathering {
        private let store: HistoryStore
        private var current: Task<Void, any Error>?

        init(store: HistoryStore) {
            self.store = store
        }

        func goOn() async throws {
            let bytes = store.tail.extent.bytes
            guard bytes >= Gatherer.mostBytes else { return }
            if current == nil {
                current = Task {
                    defer { current = nil }
                    try await Gatherer(store: store).gather()
                }
            }
            if bytes >= 3 * Gatherer.mostBytes { try await current?.value }
        }
    }
}

/// One boot of a device, from its HELLO on.
public struct ImportedBoot {
    private let history: HistoryImport
    private let id: Int64
    private var session: DeviceSession
    private var pending: [IngestedFrame] = []

    /// - Parameters:
    ///   - hello: the payload of the boot's HELLO.
    ///   - now: when it came.
    /// - Throws: ``ImportFailure``, or what the database says.
    public init(_ hello: [UInt8], at now: Timestamp, into history: HistoryImport) async throws {
        var session = DeviceSession()
        let event = hello.withUnsafeBufferPointer { session.receive($0, at: now) }
        guard case .greeting(let hello) = event else { throw ImportFailure(event: "\(event)") }
        let opened = try await history.store.openBoot(hello, link: "import", at: now)
        session.open(opened, hello: hello)
        (self.history, self.session, id) = (history, session, opened.id)
    }

    /// Takes the payload of the next KEYFRAME or DELTA, which came at `arrival`.
    /// - Throws: ``ImportFailure`` when a collector would not store it.
    public mutating func receive(_ payload: [UInt8], at arrival: Timestamp) throws {
        let event = payload.withUnsafeBufferPointer { session.receive($0, at: arrival) }
        guard case .frame(let frame) = event else { throw ImportFailure(event: "\(event)") }
        pending.append(frame)
    }

    /// Writes what was received.
    /// - Parameter now: when it came.
    public mutating func commit(at now: Timestamp) async throws {
        guard !pending.isEmpty else { return }
        try await history.commit(IngestBatch(bootID: id, frames: pending), at: now)
        pending = []
    }
}

public struct ImportFailure: Error, CustomStringConvertible {
    let event: String

    public var description: String { "A collector would not store this frame: \(event)." }
}
