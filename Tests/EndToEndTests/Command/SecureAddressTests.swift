// SPDX-License-Identifier: Apache-2.0
//
// The command and addresses that begin with https, or that a proxy stands before: with a TLS server of openssl, and with listeners that say
// nothing.

import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct SecureAddressTests {
    private struct Ended {
        var status: Int32
        var output: String
        var errors: String
        /// Seconds of the processor.
        var cpu: Double
    }

    private func devices(
        _ address: String, in scratch: Scratch, timeout: Int = 2, _ environment: [String: String] = [:]
    ) async throws -> Ended {
        let program = try Program(
            "dalloc", ["devices", "--format", "json", "--timeout", "\(timeout)", "--collector", address], in: scratch,
            environment: environment)
        var cpu = 0.0
        try await wait(for: "the command to end", pause: .milliseconds(5)) {
            cpu = max(cpu, RunningCollector.cpu(of: program.identifier))
            return !program.isRunning
        }
        let end = try await program.finish()
        return Ended(status: end.status, output: end.output, errors: end.errors, cpu: cpu)
    }

    @Test func aCollectorBehindTLSIsAsked() async throws {
        let scratch = try Scratch()
        let certificate = try await Program.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", scratch["key.pem"], "-out",
                scratch["certificate.pem"], "-days", "2", "-subj", "/CN=localhost", "-addext",
                "subjectAltName=DNS:localhost",
            ], in: scratch)
        try #require(certificate.status == 0, "\(certificate.errors)")
        // What it answers, under the name of what it is asked.
        try FileManager.default.createDirectory(atPath: scratch["v1"], withIntermediateDirectories: true)
        try "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"devices\":[]}".write(
            toFile: scratch["v1/devices?limit=1000"], atomically: true, encoding: .utf8)
        let port = try freePort()
        let server = try Program(
            "/usr/bin/openssl",
            [
                "s_server", "-accept", "\(port)", "-cert", scratch["certificate.pem"], "-key", scratch["key.pem"],
                "-HTTP", "-naccept", "8",
            ], in: scratch)
        try await wait(for: "the server") { server.output.contains("ACCEPT") }
        let trusted = try await devices(
            "https://localhost:\(port)", in: scratch, ["SSL_CERT_FILE": scratch["certificate.pem"]])
        #expect(trusted.status == 0, "\(trusted.errors)")
        #expect(trusted.output.contains("\"devices\""))
        let strange = try await devices("https://localhost:\(port)", in: scratch)
        #expect(strange.status == 69)
        #expect(strange.errors.contains("certificate"), "\(strange.errors)")
        server.signal(SIGTERM)
        _ = try await server.finish()
    }

    /// Foundation's URLSession took a core for as long as it waited.
    @Test func waitingTakesNoTimeOfTheProcessor() async throws {
        let scratch = try Scratch()
        let (silent, half) = (try FakeCollector(answer: nil), try FakeCollector(first: [0x16, 3, 3], answer: nil))
        for (address, environment) in [
            ("https://127.0.0.1:\(silent.port)", [:]), ("https://127.0.0.1:\(half.port)", [:]),
            ("http://192.0.2.1:7421", ["http_proxy": "http://127.0.0.1:\(silent.port)"]),
            ("https://192.0.2.1:7421", ["https_proxy": "http://127.0.0.1:\(silent.port)"]),
        ] as [(String, [String: String])] {
            let end = try await devices(address, in: scratch, environment)
            #expect(end.status == 69, "\(address): \(end.errors)")
            #expect(end.errors.contains("within 2 s"), "\(address): \(end.errors)")
            #expect(end.cpu < 0.8, "\(address): \(end.cpu) s")
        }
    }

    @Test func aBodyGoesThroughAProxy() async throws {
        let scratch = try Scratch()
        let proxy = try FakeCollector(json: #"{"connected":false,"detail":"full","device":"a","told":false}"#)
        let end = try await Program.run(
            "dalloc", ["detail", "a", "full", "--collector", "http://192.0.2.1:7421", "--timeout", "2"], in: scratch,
            environment: ["http_proxy": "http://127.0.0.1:\(proxy.port)"])
        #expect(end.status == 0, "\(end.errors)")
        let question = try #require(proxy.questions.first)
        #expect(question.hasPrefix("PUT http://192.0.2.1:7421/v1/devices/a/detail HTTP/1.1\r\n"), "\(question)")
        #expect(question.contains("Content-Type: application/json\r\n") && question.contains("Content-Length: 17\r\n"))
    }

    @Test func aProxyIsAskedWithTheWholeAddress() async throws {
        let scratch = try Scratch()
        let proxy = try FakeCollector(json: "{\"devices\":[]}")
        let end = try await devices(
            "http://192.0.2.1:7421", in: scratch, ["http_proxy": "http://127.0.0.1:\(proxy.port)"])
        #expect(end.status == 0, "\(end.errors)")
        #expect(
            proxy.questions.first?.hasPrefix("GET http://192.0.2.1:7421/v1/devices?limit=1000 HTTP/1.1\r\n") == true)
    }
}
