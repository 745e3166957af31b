// SPDX-License-Identifier: Apache-2.0
//
// A collector that takes bodies of frames, without sockets.

import HeapHistory
import HeapWire
import Logging
import NIOCore
import Synchronization

@testable import DallocCollector

final class BodySite {
    /// A store that counts how often a connection goes on with its frames.
    final class History: DeviceHistory {
        private let store: HistoryStore
        private let holds = Atomic<Int>(0)

        init(_ store: HistoryStore) { self.store = store }

        var portions: Int { holds.load(ordering: .relaxed) }
        var areArrivalsProven: Bool { store.areArrivalsProven }
        var isPaused: Bool { store.isPaused }
        func knows(_ device: String) -> Bool { store.knows(device) }
        func detail(of device: String) -> DeviceDetail.Level? { store.detail(of: device) }
        func proof(of device: String) -> DeviceProof? { store.proof(of: device) }
        func note(_ proof: DeviceProof, of device: String) async throws { try await store.note(proof, of: device) }
        func warn(_ device: String, _ warning: DeviceWarning, at now: Timestamp) {
            store.warn(device, warning, at: now)
        }
        func clearWarning(_ code: DeviceWarning.Code, of device: String) { store.clearWarning(code, of: device) }
        func whileHolding<Result>(framesOf device: String, _ body: () throws -> Result) rethrows -> Result {
            holds.add(1, ordering: .relaxed)
            return try store.whileHolding(framesOf: device, body)
        }
        func openBoot(
            _ hello: DeviceHello, link: String, at now: Timestamp, startsOver: Bool, admitsNew: () -> Bool
        ) async throws -> OpenedBoot {
            try await store.openBoot(hello, link: link, at: now, startsOver: startsOver, admitsNew: admitsNew)
        }
        func commit(_ batch: IngestBatch, at now: Timestamp) async throws { try await store.commit(batch, at: now) }
    }

    let recorded: RecordedHistory
    let history: History
    let metrics = IngestMetrics()
    private let context: IngestContext

    init(limits: IngestLimits = IngestLimits()) throws {
        recorded = try RecordedHistory(durability: .process)
        history = History(recorded.store)
        let log = PeerLog(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        context = IngestContext(
            history: history, registry: DeviceRegistry(log: log, history: history), metrics: metrics,
            connections: ConnectionTable(limits: limits, log: log), log: log)
    }

    /// Takes a body that comes in these chunks.
    func take(_ chunks: [UInt8]..., from address: String = "10.0.0.1") async -> (end: ConnectionEnd?, tally: BodyTally)
    {
        let tally = BodyTally()
        let line = Line(peer: "http \(address):1", address: address, body: BodyReplies())
        var connection = await DeviceConnection(context: context, line: line, isPatient: false, tally: tally)
        let body = AsyncStream<ByteBuffer> { stream in
            for chunk in chunks { stream.yield(ByteBuffer(bytes: chunk)) }
            stream.finish()
        }
        return (await connection.take(body), tally)
    }
}
