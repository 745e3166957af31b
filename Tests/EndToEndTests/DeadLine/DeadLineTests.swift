// SPDX-License-Identifier: Apache-2.0
//
// Lines that are dead and do not say so. What happened meanwhile arrives later, as far as the transmit buffer holds
// it.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct DeadLineTests {
    /// A device behind a proxy that freezes, until what happened since has arrived on a new connection.
    private func freeze(transmit: Int, seed: UInt64) async throws -> (
        lost: Int, meanwhile: Int, boot: HistoryAudit.Boot
    ) {
        let collector = try await RunningCollector(Scratch())
        let proxy = try FreezingProxy(to: collector.port)
        defer { proxy.end() }
        let device = try WatchedDevice(
            "frozen", port: proxy.port, boot: 7, isOneWay: false, transmit: transmit, seed: seed)
        func work(_ what: String, until isDone: () -> Bool) async throws {
            try await wait(for: what, pause: .milliseconds(2)) {
                device.work()
                return isDone()
            }
        }
        try await work("frames") { device.lastFrame > 50 }
        proxy.freeze()
        let (operations, frames) = (device.operations, device.lastFrame)
        let start = Date.now
        try await work("the connection to be given up") { device.linksLost > 0 }
        let noticed = -start.timeIntervalSinceNow
        try await work("another connection") { proxy.connections > 1 }
        let meanwhile = device.operations - operations
        let stored = device.lastFrame
        try await wait(for: "what happened meanwhile", pause: .milliseconds(2)) {
            device.work()
            return try await collector.summary(of: device.id)?.heaps.first?.sequence ?? 0 > stored + 20
        }
        var audit = try HistoryAudit(collector)
        let boot = try #require(try audit.boots(of: device.id).last)
        audit.expectComplete(device.id, boot, acknowledged: 0)
        try await audit.compare(device.id, boot, isCurrent: true, every: 20) { device.truth[$0] }
        #expect(audit.figures.violations == 0 && audit.figures.tables > 3)
        #expect(device.linksLost == 1 && proxy.connections == 2)
        #expect(device.linkError.contains("gave up the connection"))
        #expect(try await collector.stop() == 0)
        let delay = String(format: "%.1f", noticed)
        print(
            "frozen after \(frames) frames, given up after \(delay) s; of \(meanwhile) operations meanwhile \(device.lost) "
                + "are lost with a transmit buffer of \(transmit) bytes")
        return (device.lost, meanwhile, boot)
    }

    @Test func aProxyThatFreezesCostsNothingThatTheTransmitBufferHolds() async throws {
        let (lost, meanwhile, boot) = try await freeze(transmit: 262_144, seed: 1)
        #expect(lost == 0 && meanwhile > 500)
        #expect(boot.gaps.isEmpty)
        #expect(boot.frames.map(\.sequence) == Array(1...boot.lastSequence))
    }

    @Test func whatIsBeyondTheTransmitBufferIsADeclaredGap() async throws {
        let (lost, meanwhile, boot) = try await freeze(transmit: 2048, seed: 2)
        #expect(lost > 0 && lost < meanwhile)
        #expect(!boot.gaps.isEmpty)
    }

    /// With the times that devices have by default.
    @Test func aCableThatIsPulledIsNoticedWithinSecondsAndCostsNothing() async throws {
        let scratch = try Scratch()
        guard let hosts = try await Namespaces(scratch) else { return }
        let collector = try hosts.startCollector([
            "serve", "--listen", "\(Namespaces.collectorAddress):7420", "--allow-plaintext", "--api", "127.0.0.1:7421",
            "--database", scratch["history.sqlite"],
        ])
        try await wait(for: "the collector") {
            guard collector.isRunning else { throw TimedOut(description: "the collector ended: \(collector.errors)") }
            return collector.errors.contains("the collector is ready")
        }
        let device = try hosts.startDevice([
            "--collector", "\(Namespaces.collectorAddress):7420", "--name", "cable", "--truth", scratch["truth"],
        ])
        try await wait(for: "frames") { ((try? TruthIndex.last(scratch["truth"])) ?? 0) > 4 }
        #expect(try await hosts.connections().count == 1)
        try await hosts.plug(false)
        let start = Date.now
        try await wait(for: "the connection to be given up") { try await hosts.connections().isEmpty }
        let noticed = -start.timeIntervalSinceNow
        #expect(noticed < 20, "a frame a second; two seconds without an acknowledgement, eight of greetings")
        try await hosts.plug(true)
        try await wait(for: "another connection") { try await hosts.connections().count == 1 }
        let back = try TruthIndex.last(scratch["truth"])
        try await wait(for: "more frames") { try TruthIndex.last(scratch["truth"]) > back + 2 }
        device.signal(SIGTERM)
        let end = try await device.finish()
        #expect(end.errors.contains(" 0 lost, 0 frames not acknowledged"), "\(end.errors)")
        collector.signal(SIGTERM)
        #expect(try await collector.finish().status == 0)
        print("pulled: given up after \(String(format: "%.1f", noticed)) s; \(end.errors)")
    }
}
