// SPDX-License-Identifier: Apache-2.0
//
// The smallest ClientHello of TLS 1.2 (RFC 5246, 7.4.1.2): a peer that speaks TLS answers it with a record, be it a
// ServerHello or an alert.

enum TLSGreeting {
    static func bytes(random: [UInt8]) -> [UInt8] {
        // ECDHE and RSA with AES-GCM and AES-CBC.
        let suites: [UInt8] = [0xC0, 0x2F, 0xC0, 0x2B, 0xC0, 0x30, 0x00, 0x9C, 0x00, 0x2F]
        let body =
            [0x03, 0x03] + random.prefix(32) + Array(repeating: 0, count: max(0, 32 - random.count))
            // No session, the suites, no compression.
            + [0, 0, UInt8(suites.count)] + suites + [1, 0]
        // One byte holds the length: it is below 256.
        return [0x16, 0x03, 0x01, 0, UInt8(body.count + 4), 0x01, 0, 0, UInt8(body.count)] + body
    }

    /// Whether a record of TLS begins with it: change_cipher_spec, alert, handshake or application_data.
    static func isRecord(_ first: UInt8) -> Bool { (0x14...0x17).contains(first) }
}
