// SPDX-License-Identifier: Apache-2.0
//
// Devices that prove who they are, and those that don't: with the TLS of openssl against the real collector.

import Foundation
import HeapHistory
import HeapWire
import TestSupport
import Testing

@Suite(.serialized) struct DeviceLinkTests {
    private static let key = "00112233445566778899aabbccddeeff"
    private static let otherKey = "ffeeddccbbaa99887766554433221100"

    /// A collector with all three ports.
    private final class Site {
        let scratch: Scratch
        let certificates: Certificates
        let collector: RunningCollector
        let (tls, psk): (Int, Int)
        let keys: String

        init() async throws {
            scratch = try Scratch()
            certificates = try await Certificates(in: scratch)
            (tls, psk, keys) = (try freePort(), try freePort(), scratch["keys.txt"])
            try Self.write(
                "# devices\npump-1:\(DeviceLinkTests.key)\n\nurn:pump:2:\(DeviceLinkTests.otherKey)\n", to: keys)
            collector = try await RunningCollector(
                scratch,
                options: certificates.options(port: tls) + ["--listen-psk", "127.0.0.1:\(psk)", "--psk-keys", keys])
        }

        static func write(_ text: String, to path: String) throws {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }

        func connect(_ name: String) throws -> SecureClient {
            try SecureClient(port: tls, certificates.client(name), in: scratch)
        }

        func connect(psk key: String, of identity: String, _ options: [String] = ["-tls1_2"]) throws -> SecureClient {
            try SecureClient(port: psk, ["-psk", key, "-psk_identity", identity] + options, in: scratch)
        }

        func failures(_ reason: String) async throws -> Double {
            try await collector.metric("dalloc_collector_tls_handshakes_failed_total{reason=\"\(reason)\"}") ?? -1
        }

        /// Of a device, by this client: HELLO and a table, which are answered.
        func report(_ device: String, boot: UInt32 = 1, by client: SecureClient) async throws {
            client.socket.send(WireBytes.hello(device: device, boot: boot) + WireBytes.keyframe(sequence: 1))
            guard case .welcome? = try await nextReply(client.socket),
                case .ack(let ack)? = try await nextReply(client.socket)
            else {
                Issue.record("\(device) is not served: \(client.errors)")
                return
            }
            #expect(ack.sequence == 1)
        }
    }

    @Test func aDeviceIsServedThatHasACertificateWithItsName() async throws {
        let site = try await Site()
        try await site.certificates.sign("pump-1", by: "devices", names: "DNS:other,URI:urn:pump:2,DNS:pump-1")
        let client = try site.connect("pump-1")
        try await site.report("pump-1", by: client)
        // One certificate can have several names.
        try await site.report("urn:pump:2", by: client)
        let device = try #require(try await site.collector.summary(of: "pump-1"))
        #expect(device.link.hasPrefix("tls 127.0.0.1:") && device.warnings.isEmpty)
        #expect(try await site.collector.stop() == 0)
    }

    @Test(arguments: [
        "ECDHE-PSK-CHACHA20-POLY1305", "ECDHE-PSK-AES256-CBC-SHA", "ECDHE-PSK-AES128-CBC-SHA", "PSK-AES256-CBC-SHA",
        "PSK-AES128-CBC-SHA",
    ])
    func aDeviceIsServedThatHasTheKeyOfItsName(suite: String) async throws {
        let site = try await Site()
        for (device, key) in [("pump-1", Self.key), ("urn:pump:2", Self.otherKey)] {
            let client = try site.connect(psk: key, of: device, ["-tls1_2", "-cipher", "\(suite):@SECLEVEL=0"])
            try await site.report(device, by: client)
            #expect(try await site.collector.summary(of: device)?.link.hasPrefix("psk 127.0.0.1:") == true)
        }
        #expect(try await site.collector.stop() == 0)
    }

    @Test func whoProvesNothingIsTurnedAwayAndCounted() async throws {
        let site = try await Site()
        let (trust, files) = (["-CAfile", site.scratch["servers.pem"]], site.certificates)
        try await files.sign("stranger", by: "strangers", names: "DNS:pump-1")
        try await files.signExpired("old", by: "devices", names: "DNS:pump-1")
        try await files.sign("pump-1", by: "devices", names: "DNS:pump-1")
        let psk = { (key: String, identity: String) in ["-psk", key, "-psk_identity", identity] }
        let attempts: [(port: Int, options: [String], reason: String)] = [
            (site.tls, trust, "no_certificate"), (site.tls, files.client("stranger"), "untrusted"),
            (site.tls, files.client("old"), "untrusted"),
            (site.tls, files.client("pump-1") + ["-tls1_2"], "no_common_ground"),
            (site.tls, files.client("pump-1") + ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "no_common_ground"),
            (site.psk, psk(Self.otherKey, "pump-1") + ["-tls1_2"], "wrong_key"),
            (site.psk, psk(Self.key, "pump-9") + ["-tls1_2"], "unknown_identity"),
            (site.psk, psk(Self.key, "pump-1") + ["-tls1_3"], "no_common_ground"),
            (site.psk, psk(Self.key, "pump-1") + ["-tls1_2", "-cipher", "PSK-AES128-GCM-SHA256"], "no_common_ground"),
            (site.psk, files.client("pump-1"), "no_common_ground"),
        ]
        var counted: [String: Double] = [:]
        for (port, options, reason) in attempts {
            let client = try SecureClient(port: port, options, in: site.scratch)
            client.socket.send(WireBytes.hello(device: "pump-1") + WireBytes.keyframe(sequence: 1))
            try await client.waitUntilOver()
            counted[reason, default: 0] += 1
            let count = counted[reason]
            try await wait(for: "\(reason) of \(options)") { try await site.failures(reason) == count }
        }
        // No TLS where it is spoken, and TLS where it is not.
        for port in [site.tls, site.psk] {
            let plain = try Socket(connectedTo: port)
            plain.send(WireBytes.hello(device: "pump-1") + WireBytes.keyframe(sequence: 1))
            #expect(try await nextReply(plain) == nil)
            plain.close()
        }
        try await wait(for: "the plain ones") { try await site.failures("plaintext") == 2 }
        let lost = try SecureClient(port: site.collector.port, files.client("pump-1"), in: site.scratch)
        try await lost.waitUntilOver()
        try await wait(for: "the one on the plain port") { try await site.failures("plain_port") == 1 }
        #expect(
            try await site.collector.metric("dalloc_collector_connections_closed_total{reason=\"speaks_tls\"}") == 1)
        #expect(try await site.collector.metric("dalloc_collector_frames_total") == 0)
        #expect(try await site.collector.devices().isEmpty, "nothing is stored")
        #expect(try await site.collector.stop() == 0)
        for word in [
            "no certificate", "has no key in --psk-keys", "pump-9", "spoke no TLS", "speaks TLS on the plain port",
        ] {
            #expect(site.collector.program.errors.contains(word), "the log says it: \(word)")
        }
    }

    @Test func nobodyReportsForAnother() async throws {
        let site = try await Site()
        try await site.certificates.sign("pump-1", by: "devices", names: "DNS:pump-1,DNS:*.example.com")
        for (device, client) in [
            ("pump-2", try site.connect("pump-1")), ("a.example.com", try site.connect("pump-1")),
            ("PUMP-1", try site.connect("pump-1")), ("urn:pump:2", try site.connect(psk: Self.key, of: "pump-1")),
        ] {
            client.socket.send(WireBytes.hello(device: device) + WireBytes.keyframe(sequence: 1))
            #expect(try await nextRefusal(client.socket)?.reason == .notAuthorised, "\(device): \(client.errors)")
            try await client.waitUntilOver()
        }
        // Nor after a word of its own.
        let client = try site.connect("pump-1")
        try await site.report("pump-1", by: client)
        client.socket.send(WireBytes.hello(device: "pump-2") + WireBytes.keyframe(sequence: 1))
        #expect(try await nextRefusal(client.socket)?.reason == .notAuthorised)
        #expect(try await site.collector.devices().map(\.id) == ["pump-1"])
        let rejected = try await site.collector.metric(
            "dalloc_collector_frames_rejected_total{reason=\"not_authorised\"}")
        #expect(rejected == 5)
        #expect(try await site.collector.stop() == 0)
    }

    @Test func whoHasProvedItselfOnceComesNoMoreWithoutAProof() async throws {
        let site = try await Site()
        let client = try site.connect(psk: Self.key, of: "pump-1")
        try await site.report("pump-1", by: client)
        for run in 0..<2 {
            let plain = try Socket(connectedTo: site.collector.port)
            plain.send(WireBytes.hello(device: "pump-1", boot: 2) + WireBytes.keyframe(sequence: 1))
            #expect(try await nextRefusal(plain)?.reason == .notAuthorised)
            plain.close()
            #expect(try await site.collector.summary(of: "pump-1")?.boot == 1)
            // A device that never did goes on as it was.
            let other = try Socket(connectedTo: site.collector.port)
            other.send(WireBytes.hello(device: "plain-\(run)") + WireBytes.keyframe(sequence: 1))
            #expect(try await nextReply(other) == .welcome(Welcome(boot: 1, lastStored: 0)))
            other.close()
            #expect(try await site.collector.stop() == 0)
            try await site.collector.restart()
        }
        // With its key it is served as ever.
        let again = try site.connect(psk: Self.key, of: "pump-1")
        again.socket.send(WireBytes.hello(device: "pump-1", boot: 3) + WireBytes.keyframe(sequence: 1))
        #expect(try await nextReply(again.socket) == .welcome(Welcome(boot: 3, lastStored: 0)), "\(again.errors)")
        #expect(try await site.collector.stop() == 0)
    }

    @Test func keysAndCertificatesChangeWithoutARestart() async throws {
        let site = try await Site()
        try await site.certificates.sign("pump-3", by: "strangers", names: "DNS:pump-3")
        let (kept, revoked) = (
            try site.connect(psk: Self.otherKey, of: "urn:pump:2"), try site.connect(psk: Self.key, of: "pump-1")
        )
        try await site.report("urn:pump:2", by: kept)
        try await site.report("pump-1", by: revoked)
        // Another key for one, and another authority.
        try Site.write("urn:pump:2:\(Self.otherKey)\npump-1:\(Self.otherKey)\n", to: site.keys)
        try FileManager.default.removeItem(atPath: site.scratch["devices.pem"])
        try FileManager.default.copyItem(atPath: site.scratch["strangers.pem"], toPath: site.scratch["devices.pem"])
        site.collector.program.signal(SIGHUP)
        #expect(try await nextRefusal(revoked.socket)?.reason == .notAuthorised)
        try await revoked.waitUntilOver()
        try await site.report("pump-1", boot: 2, by: try site.connect(psk: Self.otherKey, of: "pump-1"))
        try await site.report("pump-3", by: try site.connect("pump-3"))
        #expect(kept.isRunning)
        // What can't be used changes nothing.
        try Site.write("pump-1:12\n", to: site.keys)
        site.collector.program.signal(SIGHUP)
        try await wait(for: "the complaint") { site.collector.program.errors.contains("line 1 has a key of 1 bytes") }
        try await site.report("pump-1", boot: 3, by: try site.connect(psk: Self.otherKey, of: "pump-1"))
        #expect(kept.isRunning)
        #expect(try await site.collector.stop() == 0)
    }

    /// A session that is resumed has no key that could be asked for, and still its certificate.
    @Test func aResumedSessionProvesNoMoreThanItsBeginning() async throws {
        let site = try await Site()
        try await site.certificates.sign("pump-3", by: "devices", names: "DNS:pump-3")
        let session = site.scratch["session.pem"]
        func resume(_ connect: ([String]) throws -> SecureClient, _ device: String) async throws -> SecureClient {
            try? FileManager.default.removeItem(atPath: session)
            let first = try connect(["-sess_out", session])
            try await site.report(device, by: first)
            try await wait(for: "the session") { FileManager.default.fileExists(atPath: session) }
            return try connect(["-sess_in", session])
        }
        let keyed = try await resume(
            { try site.connect(psk: Self.key, of: "pump-1", ["-tls1_2"] + $0) }, "pump-1")
        // Whoever it may be, it speaks for nobody.
        keyed.socket.send(WireBytes.hello(device: "never-seen") + WireBytes.keyframe(sequence: 1))
        try await keyed.waitUntilOver()
        try await wait(for: "it to be counted") { try await site.failures("resumed") == 1 }
        let certified = try await resume(
            { try SecureClient(port: site.tls, site.certificates.client("pump-3") + $0, in: site.scratch) }, "pump-3")
        certified.socket.send(WireBytes.hello(device: "pump-3", boot: 2) + WireBytes.keyframe(sequence: 1))
        #expect(
            try await nextReply(certified.socket) == .welcome(Welcome(boot: 2, lastStored: 0)), "\(certified.errors)")
        certified.socket.send(WireBytes.hello(device: "never-seen") + WireBytes.keyframe(sequence: 1))
        #expect(try await nextRefusal(certified.socket)?.reason == .notAuthorised)
        #expect(try await site.collector.devices().map(\.id) == ["pump-1", "pump-3"])
        #expect(try await site.collector.stop() == 0)
    }

    /// A peer that asks for another handshake in the midst of a connection.
    @Test func renegotiationEndsTheConnectionAndNothingElse() async throws {
        let site = try await Site()
        let good = try site.connect(psk: Self.otherKey, of: "urn:pump:2")
        try await site.report("urn:pump:2", by: good)
        // Without -quiet, a line with R asks for it.
        let asking = try Program(
            "/bin/sh",
            [
                "-c",
                "(sleep 1; echo R; sleep 1; echo R; sleep 5) | openssl s_client -connect 127.0.0.1:\(site.psk) -psk \(Self.key) "
                    + "-psk_identity pump-1 -tls1_2",
            ], in: site.scratch)
        let end = try await asking.finish()
        #expect((end.output + end.errors).contains("RENEGOTIATING"))
        #expect(end.errors.contains("unexpected eof"), "it was closed: \(end.errors)")
        try await site.report("urn:pump:2", boot: 2, by: good)
        #expect(try await site.collector.stop() == 0)
    }
}
