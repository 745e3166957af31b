// SPDX-License-Identifier: Apache-2.0
//
// A device's connection to a store, as DeviceConnection.swift serves it, without a socket.

import HeapHistory
import HeapWire

@testable import DallocCollector

struct StoreLine {
    enum Outcome: Equatable {
        case greeted
        /// Stored; whether its table is known, and whether a gap came or ended with it.
        case stored(isExact: Bool, hasGap: Bool)
        case repeated
        case early
        case rejected

        /// The frame tells what the device meant, and nothing of it is in doubt.
        var isBelieved: Bool { self == .stored(isExact: true, hasGap: false) }
    }

    private(set) var session = DeviceSession()
    private var pending: [IngestedFrame] = []
    /// How often each thing happened.
    private(set) var counts: (stored: Int, inexact: Int, rejected: Int, runs: Int) = (0, 0, 0, 0)

    /// Frames that are committed together.
    private static let batch = 60

    /// - Parameter arrival: when it comes.
    mutating func receive(_ payload: [UInt8], in lived: LivedStore, at arrival: Timestamp) async throws -> Outcome {
        switch payload.withUnsafeBufferPointer({ session.receive($0, at: arrival) }) {
        case .greeting(let hello):
            try await commit(in: lived)
            if session.continues(hello) {
                session.greetAgain(hello)
            } else {
                try await open(hello, in: lived, at: arrival, startsOver: false)
            }
            return .greeted
        case .anotherRun(let hello):
            try await commit(in: lived)
            try await open(hello, in: lived, at: arrival, startsOver: true)
            counts.runs += 1
            return try await receive(payload, in: lived, at: arrival)
        case .frame(let frame):
            pending.append(frame)
            counts.stored += 1
            if !frame.record.frame.isExact { counts.inexact += 1 }
            if pending.count >= Self.batch { try await commit(in: lived) }
            return .stored(isExact: frame.record.frame.isExact, hasGap: frame.gap != nil)
        case .duplicate: return .repeated
        case .outOfOrder: return .early
        case .rejected(let rejection):
            lived.metrics.rejectedFrames.add(rejection)
            counts.rejected += 1
            return .rejected
        case .otherVersion, .skipped: return .rejected
        }
    }

    private mutating func open(
        _ hello: DeviceHello, in lived: LivedStore, at arrival: Timestamp, startsOver: Bool
    ) async throws {
        session = DeviceSession()
        session.open(
            try await lived.store.openBoot(hello, link: "tcp test", at: arrival, startsOver: startsOver), hello: hello)
    }

    /// Returns when all that came is stored.
    mutating func commit(in lived: LivedStore) async throws {
        guard !pending.isEmpty, let boot = session.bootID else { return }
        let batch = IngestBatch(bootID: boot, frames: pending)
        pending = []
        try await lived.store.commit(batch, at: lived.clock.now)
        lived.metrics.count(batch.frames, after: .milliseconds(1))
    }

    /// The connection ends; what was not stored is gone with it.
    mutating func drop() {
        session = DeviceSession()
        pending = []
    }
}
