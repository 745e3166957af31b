// SPDX-License-Identifier: Apache-2.0
//
// A server on a port of the loopback interface that answers every connection with given bytes and remembers what it
// was asked: real sockets, no framework. Stops when it is released.

import Foundation

final class HTTPServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let requests: Requests

    private let isIPv6: Bool

    var address: String { "http://\(isIPv6 ? "[::1]" : "127.0.0.1"):\(port)" }
    /// The first lines of the requests so far: `GET /v1/devices HTTP/1.1`.
    var requestLines: [String] { requests.all }

    /// `response` is what goes over the line, status line and headers included; nil answers nothing and keeps the
    /// connection open.
    convenience init(response: String?) throws {
        try self.init { _ in response }
    }

    /// An answer with a length, so that the client knows its end.
    convenience init(status: String, json: String) throws {
        try self.init(response: Self.response(status: status, json: json))
    }

    static func response(status: String = "200 OK", json: String) -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(json.utf8.count)\r\nConnection: close\r\n\r\n" + json
    }

    /// Says something to whoever connects before it is asked, and no more.
    convenience init(speaksFirst bytes: [UInt8]) throws {
        try self.init(greeting: bytes) { _ in nil }
    }

    /// `answer` makes a response of the request's first line; nil answers nothing and keeps the connection open.
    init(isIPv6: Bool = false, greeting: [UInt8] = [], answer: @escaping @Sendable (String) -> String?) throws {
        self.isIPv6 = isIPv6
        listener = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var storage = sockaddr_storage()
        var length = socklen_t(isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
        let fd = listener
        let isOpen = withUnsafeMutablePointer(to: &storage) { pointer in
            if isIPv6 {
                pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    $0.pointee.sin6_family = sa_family_t(AF_INET6)
                    $0.pointee.sin6_addr = in6addr_loopback
                }
            } else {
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    $0.pointee.sin_family = sa_family_t(AF_INET)
                    $0.pointee.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
                }
            }
            return pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, length) == 0 && listen(fd, 8) == 0 && getsockname(fd, $0, &length) == 0
            }
        }
        guard isOpen else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        // Both kinds of address have the port in the same place.
        port = withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
        let requests = Requests()
        self.requests = requests
        Thread.detachNewThread { Self.serve(fd, greeting, answer, requests) }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func serve(
        _ listener: Int32, _ greeting: [UInt8], _ answer: (String) -> String?, _ requests: Requests
    ) {
        var silent: [Int32] = []
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            if !greeting.isEmpty {
                _ = greeting.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                silent.append(connection)
                continue
            }
            var head = ""
            var buffer = [UInt8](repeating: 0, count: 4096)
            while !head.contains("\r\n\r\n") {
                let count = read(connection, &buffer, buffer.count)
                guard count > 0 else { break }
                head += String(decoding: buffer[..<count], as: UTF8.self)
            }
            let line = head.components(separatedBy: "\r\n")[0]
            requests.append(line)
            guard let response = answer(line) else {
                silent.append(connection)
                continue
            }
            _ = Array(response.utf8).withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            close(connection)
        }
        for connection in silent + [listener] { close(connection) }
    }

    // `lines` is only touched under the lock.
    private final class Requests: @unchecked Sendable {
        private let lock = NSLock()
        private var lines: [String] = []

        var all: [String] { lock.withLock { lines } }
        func append(_ line: String) { lock.withLock { lines.append(line) } }
    }
}
