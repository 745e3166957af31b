// A server on a port of the loopback interface that answers every connection with the same bytes and remembers what it
// was asked: real sockets, no framework. Stops when it is released.

import Foundation

final class LoopbackServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let requests: Requests

    var address: String { "http://127.0.0.1:\(port)" }
    /// The first lines of the requests so far: `GET /v1/devices HTTP/1.1`.
    var requestLines: [String] { requests.all }

    /// `response` is what goes over the line, status line and headers included; nil answers nothing and keeps the
    /// connection open.
    init(response: String?) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let fd = listener
        let isOpen = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, length) == 0 && listen(fd, 8) == 0 && getsockname(fd, $0, &length) == 0
            }
        }
        guard isOpen else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        port = UInt16(bigEndian: address.sin_port)
        let requests = Requests()
        self.requests = requests
        Thread.detachNewThread { Self.serve(fd, response, requests) }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// An answer with a length, so that the client knows its end.
    convenience init(status: String, json: String) throws {
        try self.init(
            response: "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(json.utf8.count)\r\nConnection: close\r\n\r\n" + json)
    }

    private static func serve(_ listener: Int32, _ response: String?, _ requests: Requests) {
        var silent: [Int32] = []
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            var head = ""
            var buffer = [UInt8](repeating: 0, count: 4096)
            while !head.contains("\r\n\r\n") {
                let count = read(connection, &buffer, buffer.count)
                guard count > 0 else { break }
                head += String(decoding: buffer[..<count], as: UTF8.self)
            }
            requests.append(head.components(separatedBy: "\r\n")[0])
            guard let response else {
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
