// SPDX-License-Identifier: Apache-2.0
//
// A device that is a plain socket: it knows which of its frames were acknowledged, and sends all others again when it is connected anew.

import Foundation
import HeapWire
import TestSupport
import Testing

final class NumberedDevice {
    let id: String
    private(set) var acknowledged: UInt32 = 0
    private(set) var boot: UInt32 = 1
    private let collector: RunningCollector
    private let start: ContinuousClock.Instant
    private var socket: Socket?
    /// Of each frame: its tick.
    private var ticks: [UInt64] = []

    /// - Parameter age: how long it has run. Its first frame is as old.
    init(_ id: String, _ collector: RunningCollector, age: Duration = .zero) async throws {
        (self.id, self.collector) = (id, collector)
        start = ContinuousClock.now - age
        if age > .zero { ticks = [5000] }
        try await connect()
    }

    deinit { socket?.close() }

    var sent: UInt32 { UInt32(ticks.count) }

    private var tick: UInt64 { 5000 + UInt64((ContinuousClock.now - start) / .milliseconds(1)) }

    /// Greets, and goes on with the frame after the last that the collector has: never one that it has acknowledged.
    func connect() async throws {
        socket?.close()
        let socket = try Socket(connectedTo: collector.port)
        self.socket = socket
        socket.send(WireBytes.hello(device: id, boot: boot, tick: tick, oldest: acknowledged + 1))
        guard case .welcome(let welcome) = try await nextReply(socket) else {
            throw TimedOut(description: "\(id) is not welcomed: \(collector.program.errors.suffix(1000))")
        }
        #expect(welcome.lastStored >= acknowledged, "what was acknowledged is stored")
        for sequence in stride(from: welcome.lastStored + 1, through: sent, by: 1) { send(sequence) }
    }

    /// One more frame.
    func report() {
        ticks.append(tick)
        send(sent)
    }

    private func send(_ sequence: UInt32) {
        socket?.send(WireBytes.keyframe(sequence: sequence, tick: ticks[Int(sequence) - 1]))
    }

    /// Takes what the collector has said until now.
    func listen() throws {
        while let frame = socket?.nextFrame() {
            if case .ack(let ack) = try reply(in: frame) { acknowledged = max(acknowledged, ack.sequence) }
        }
    }

    /// Reports, and returns when everything is acknowledged. Connects again where a connection was ended.
    func reportAll(_ count: Int = 1) async throws {
        for _ in 0..<count { report() }
        try await wait(for: "\(id) to be acknowledged") {
            try listen()
            if socket?.isClosed == true { try await connect() }
            return acknowledged == sent
        }
    }

    /// Its memory is gone, and it has another boot id.
    func reset() async throws {
        (boot, acknowledged, ticks) = (boot + 1, 0, [])
        try await connect()
    }
}
