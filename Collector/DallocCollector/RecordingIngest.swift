// SPDX-License-Identifier: Apache-2.0
//
// Stores a recording in a database that no collector has open, by the way that a line takes: session, replay, commit, chunks.

public import HeapHistory
public import Logging
internal import NIOCore

public enum RecordingIngest {
    /// - Parameters:
    ///   - bodies: gives the next body of a ``Recording``; nil at its end.
    /// - Returns: what became of them, without what ``Recording`` rejected.
    /// - Throws: ``StoreError``, and what `bodies` throws.
    public static func store(
        into database: String, durability: Durability, logger: Logger,
        _ bodies: @escaping @Sendable () async throws -> [UInt8]?
    ) async throws -> IngestReport {
        let store = try HistoryStore(path: database, durability: durability, logger: logger)
        let log = PeerLog(logger: logger)
        let context = IngestContext(
            history: store, registry: DeviceRegistry(log: log, history: store), metrics: IngestMetrics(),
            connections: ConnectionTable(limits: limits, log: log), log: log)
        let chunkWriter = ChunkWriter(store: store)
        let report = try await withThrowingTaskGroup(of: Void.self) { services in
            services.addTask { try await ChunkWriterService(chunkWriter: chunkWriter, logger: logger).run() }
            services.addTask { try await LedgerService(store: store).run() }
            services.addTask { try await WriteAheadLogService(store: store).run() }
            defer { services.cancelAll() }
            return try await take(bodies, context)
        }
        try await chunkWriter.gather()
        try store.close()
        return report
    }

    /// A file of this machine is as trusted as its owner; noise in it is skipped.
    private static var limits: IngestLimits {
        var limits = IngestLimits()
        limits.newBootsPerMinute = 1_000_000
        return limits
    }

    private static func take(
        _ bodies: @escaping @Sendable () async throws -> [UInt8]?, _ context: IngestContext
    ) async throws -> IngestReport {
        let replies = BodyReplies(areKept: false)
        let tally = BodyTally(isRecording: true)
        let line = Line(peer: "recording", address: "recording", body: replies)
        var connection = await DeviceConnection(context: context, line: line, isPatient: true, tally: tally)
        while let body = try await bodies() {
            try await connection.take(piece: ByteBuffer(bytes: body))
        }
        await connection.endRecording()
        return tally.makeReport()
    }
}
