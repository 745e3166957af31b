// SPDX-License-Identifier: Apache-2.0
//
// Asks over plain HTTP: one connection a question. What a path says goes out as it is, dots and all, and any address
// works that the system can resolve, IPv6 ones too, which Foundation 6.3 refuses on Linux.

import CommandSupport

struct PlainHTTP: Sendable {
    let address: CollectorAddress
    /// Milliseconds of silence until the server is given up.
    let patience: Int32

    /// - Parameter body: JSON; nil for none.
    func ask(_ method: HTTPMethod, _ target: String, _ body: [UInt8]? = nil) async throws -> HTTPAnswer {
        let (address, patience) = (address, patience)
        return try await BlockingCall.run { try Self.exchange(address, method, target, body, patience) }
    }

    private static func exchange(
        _ address: CollectorAddress, _ method: HTTPMethod, _ target: String, _ body: [UInt8]?, _ patience: Int32
    ) throws(HTTPFailure) -> HTTPAnswer {
        let connection = try TCPConnection(host: address.host, port: address.port, patience: patience)
        let type = body.map { "Content-Type: application/json\r\nContent-Length: \($0.count)\r\n" } ?? ""
        let head = """
            \(method.rawValue) \(target) HTTP/1.1\r
            Host: \(address.authority)\r
            Accept: application/json\r
            User-Agent: dalloc/\(Version.current)\r
            \(type)Connection: close\r
            \r

            """
        try connection.send(Array(head.utf8) + (body ?? []))
        var reader = HTTPAnswerReader()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let bytes: ArraySlice<UInt8>
            do throws(HTTPFailure) {
                bytes = try connection.receive(into: &buffer)
            } catch .closed {
                // A reset is an end like another: what came before it says what it means.
                bytes = []
            }
            if bytes.isEmpty { try reader.end() } else { try reader.feed(bytes) }
            if let answer = reader.answer { return answer }
        }
    }
}
