// SPDX-License-Identifier: Apache-2.0
//
// Certificates and keys of a test, made by openssl: an authority for devices, one for the collector, and what they sign.

import Foundation
import TestSupport
import Testing

struct Certificates {
    let scratch: Scratch

    private static let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    init(in scratch: Scratch) async throws {
        self.scratch = scratch
        for authority in ["devices", "servers", "strangers"] {
            try await openssl(
                ["req", "-x509"] + Self.key + [
                    "-keyout", scratch["\(authority).key"], "-out", scratch["\(authority).pem"], "-days", "30", "-subj",
                    "/CN=\(authority)", "-addext", "basicConstraints=critical,CA:true",
                ])
        }
        try await sign("collector", by: "servers", names: "DNS:localhost,IP:127.0.0.1")
    }

    func openssl(_ arguments: [String]) async throws {
        let end = try await Program.run("/usr/bin/openssl", arguments, in: scratch)
        try #require(end.status == 0, "\(end.errors)")
    }

    /// NAME.pem and NAME.key.
    func sign(_ name: String, by authority: String, names: String) async throws {
        try await openssl(
            ["req", "-x509", "-CA", scratch["\(authority).pem"], "-CAkey", scratch["\(authority).key"]] + Self.key + [
                "-keyout", scratch["\(name).key"], "-out", scratch["\(name).pem"], "-days", "2", "-subj", "/CN=\(name)",
                "-addext", "subjectAltName=\(names)", "-addext", "basicConstraints=CA:false",
            ])
    }

    /// The same with a certificate that was valid until yesterday.
    func signExpired(_ name: String, by authority: String, names: String) async throws {
        try "subjectAltName=\(names)\n".write(toFile: scratch["\(name).ext"], atomically: true, encoding: .utf8)
        try await openssl(
            ["req", "-new"] + Self.key + [
                "-keyout", scratch["\(name).key"], "-out", scratch["\(name).csr"], "-subj", "/CN=\(name)",
            ])
        try await openssl([
            "x509", "-req", "-in", scratch["\(name).csr"], "-CA", scratch["\(authority).pem"], "-CAkey",
            scratch["\(authority).key"], "-CAcreateserial", "-days", "-1", "-extfile", scratch["\(name).ext"], "-out",
            scratch["\(name).pem"],
        ])
    }

    /// What `serve` takes for a port with certificates.
    func options(port: Int) -> [String] {
        [
            "--listen-tls", "127.0.0.1:\(port)", "--tls-certificate", scratch["collector.pem"], "--tls-key",
            scratch["collector.key"], "--tls-client-ca", scratch["devices.pem"],
        ]
    }

    /// What `s_client` takes to show a certificate, and to trust the collector's.
    func client(_ name: String) -> [String] {
        [
            "-CAfile", scratch["servers.pem"], "-verify_return_error", "-cert", scratch["\(name).pem"], "-key",
            scratch["\(name).key"],
        ]
    }
}
