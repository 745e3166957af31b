// SPDX-License-Identifier: Apache-2.0
//
// One boot of a device, from its HELLO on.

public import HeapHistory

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
