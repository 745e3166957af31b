// SPDX-License-Identifier: Apache-2.0
//
// Collectors that would not be secure, or can't be, and say so before they start.

import Foundation
import TestSupport
import Testing

@Suite struct SecurityStartTests {
    private func start(_ options: [String], in scratch: Scratch) async throws -> Program.Finished {
        try await Program.run(
            "dalloc-collector",
            ["serve", "--api", "127.0.0.1:0", "--database", scratch["history.sqlite"]] + options, in: scratch)
    }

    @Test func plainTCPIsForThisMachineAlone() async throws {
        let scratch = try Scratch()
        for host in ["0.0.0.0", "*", "[::]"] {
            let end = try await start(["--listen", "\(host):0"], in: scratch)
            #expect(end.status == 78, "\(host): \(end.errors)")
            #expect(end.errors.contains("--listen-tls or --listen-psk, or give --allow-plaintext"))
        }
        let port = try freePort()
        let collector = try Program(
            "dalloc-collector",
            [
                "serve", "--listen", "0.0.0.0:\(port)", "--allow-plaintext", "--api", "127.0.0.1:0", "--database",
                scratch["history.sqlite"],
            ], in: scratch)
        try await wait(for: "the collector") { collector.errors.contains("the collector is ready") }
        #expect(collector.errors.contains("over plain TCP from other machines"))
        collector.signal(SIGTERM)
        #expect(try await collector.finish().status == 0)
    }

    @Test func filesThatCannotBeUsedAreNamed() async throws {
        let scratch = try Scratch()
        let certificates = try await Certificates(in: scratch)
        let keys = scratch["keys.txt"]
        func check(_ options: [String], _ words: String...) async throws {
            let end = try await start(["--listen", "127.0.0.1:0"] + options, in: scratch)
            #expect(end.status == 78, "\(options): \(end.errors)")
            for word in words { #expect(end.errors.contains(word), "\(word): \(end.errors)") }
        }
        let psk = ["--listen-psk", "127.0.0.1:0", "--psk-keys", keys]
        try await check(psk, keys, "can't be read")
        try "pump-1:00112233445566778899aabbccddeeff\n".write(toFile: keys, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: keys)
        try await check(psk, keys, "chmod 600")
        try "pump-1:secret-that-is-none\n".write(toFile: keys, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keys)
        try await check(psk, "line 1 has a key that is not")
        let end = try await start(["--listen", "127.0.0.1:0"] + psk, in: scratch)
        #expect(!end.errors.contains("secret-that-is-none"), "a key is no text for a log")

        func tls(_ certificate: String, _ key: String, _ authority: String) -> [String] {
            [
                "--listen-tls", "127.0.0.1:0", "--tls-certificate", scratch[certificate], "--tls-key", scratch[key],
                "--tls-client-ca", scratch[authority],
            ]
        }
        try await check(tls("collector.pem", "devices.key", "devices.pem"), "is not the key of the certificate")
        try await check(tls("none.pem", "collector.key", "devices.pem"), "none.pem", "has no certificate")
        try await check(tls("collector.pem", "none.key", "devices.pem"), "none.key", "no private key")
        try await check(tls("collector.pem", "collector.key", "collector.key"), "collector.key: it has no certificate")
        _ = certificates
    }

    @Test func optionsThatNeedEachOtherSaySo() async throws {
        let scratch = try Scratch()
        for (options, words) in [
            (["--listen-tls", "127.0.0.1:0"], "--listen-tls needs"), (["--tls-key", "a"], "for --listen-tls"),
            (["--listen-psk", "127.0.0.1:0"], "need each other"), (["--psk-keys", "a"], "need each other"),
        ] {
            let end = try await start(options, in: scratch)
            #expect(end.status == 64 && end.errors.contains(words), "\(options): \(end.errors)")
        }
    }
}
