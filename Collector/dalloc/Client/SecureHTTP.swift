// SPDX-License-Identifier: Apache-2.0
//
// Asks over HTTPS, or through the proxy that the environment names, with libcurl: see `curl_get.h`. Whether the other side
// speaks TLS at all is found out first, without it: its words for that are of no use to anybody.

import CCurl
import Foundation

struct SecureHTTP: Sendable {
    let address: CollectorAddress
    /// Milliseconds of silence until the server is given up.
    let patience: Int32
    /// A file of certificates to trust instead of the system's, as curl and OpenSSL name it.
    let authorities: String?

    init(address: CollectorAddress, patience: Int32, environment: [String: String]) {
        (self.address, self.patience) = (address, patience)
        authorities = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Throws unless what listens answers a greeting of TLS with a record of TLS.
    func probe() async throws {
        let (address, patience) = (address, patience)
        let first = try await BlockingCall.run { try Self.greet(address, patience) }
        guard TLSGreeting.isRecord(first) else { throw HTTPFailure.notSecure }
    }

    /// The first byte of the answer.
    private static func greet(_ address: CollectorAddress, _ patience: Int32) throws(HTTPFailure) -> UInt8 {
        let connection = try TCPConnection(host: address.host, port: address.port, patience: patience)
        try connection.send(TLSGreeting.bytes(random: (0..<32).map { _ in UInt8.random(in: 0...255) }))
        var buffer = [UInt8](repeating: 0, count: 16)
        do throws(HTTPFailure) {
            guard let first = try connection.receive(into: &buffer).first else { throw .closed }
            return first
        } catch .silence {
            throw .noGreeting
        }
    }

    /// - Parameter body: JSON; nil for none.
    func ask(_ method: HTTPMethod, _ target: String, _ body: [UInt8]? = nil) async throws -> HTTPAnswer {
        let (url, patience, authorities) = (address.url(target), patience, authorities)
        return try await BlockingCall.run { try Self.exchange(method, url, body, patience, authorities) }
    }

    private static func exchange(
        _ method: HTTPMethod, _ url: String, _ body: [UInt8]?, _ patience: Int32, _ authorities: String?
    ) throws(HTTPFailure) -> HTTPAnswer {
        var answer = curl_get_answer_t()
        curl_get(
            method.rawValue, url, body, body?.count ?? 0, UInt32(max(1, patience)), HTTPAnswerReader.most, authorities,
            &answer)
        defer { curl_get_free(&answer) }
        if let failure = failure(answer) { throw failure }
        let head = UnsafeRawBufferPointer(start: answer.head, count: answer.head_size)
        return HTTPAnswer(
            status: answer.status, headers: headers(String(decoding: head, as: UTF8.self)),
            body: Array(UnsafeBufferPointer(start: answer.body, count: answer.body_size)))
    }

    private static func headers(_ head: String) -> [String: String] {
        let fields = head.split(whereSeparator: \.isNewline).compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        return Dictionary(fields) { $1 }
    }

    private static func failure(_ answer: curl_get_answer_t) -> HTTPFailure? {
        let words = withUnsafeBytes(of: answer.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return switch answer.end {
        case CURL_GET_DONE: nil
        case CURL_GET_NO_LIBRARY: .system("HTTPS and proxies need libcurl: install it, on Debian as libcurl4")
        case CURL_GET_UNKNOWN_HOST: .unknownHost(words)
        case CURL_GET_REFUSED: .refused
        case CURL_GET_SILENCE: .silence
        case CURL_GET_CLOSED: .closed
        case CURL_GET_BROKE_OFF: .brokeOff
        case CURL_GET_TOO_LARGE: .tooLarge
        default: .system(words.isEmpty ? "libcurl does not say why" : words)
        }
    }
}
