// SPDX-License-Identifier: Apache-2.0
//
// Something that listens where a collector's API is expected: it answers every connection with the same bytes, or not
// at all.

import Foundation
import Synchronization

final class FakeCollector: Sendable {
    let port: Int
    private let listener: Int32
    private let heard = Heard()

    /// What was asked so far, a text for each connection that was answered.
    var questions: [String] { heard.texts.withLock { $0 } }

    private final class Heard: Sendable {
        let texts = Mutex<[String]>([])
    }

    /// `first` is said at once, `answer` when something was asked. The connection is closed then, or stays open when
    /// there is no answer.
    init(first: [UInt8] = [], answer: [UInt8]?) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let fd = listener
        let isOpen = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, length) == 0 && listen(fd, 8) == 0 && getsockname(fd, $0, &length) == 0
            }
        }
        guard isOpen else { throw Socket.Failure(call: "listen", code: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [heard] in Self.serve(fd, first, answer, heard) }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    convenience init(json: String) throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(json.utf8.count)\r\n\r\n"
        try self.init(answer: Array((head + json).utf8))
    }

    private static func serve(_ listener: Int32, _ first: [UInt8], _ answer: [UInt8]?, _ heard: Heard) {
        var connections: [Int32] = []
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            send(first, to: connection)
            guard let answer else {
                connections.append(connection)
                continue
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(connection, &buffer, buffer.count, 0)
            let question = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
            heard.texts.withLock { $0.append(question) }
            send(answer, to: connection)
            close(connection)
        }
        for connection in connections + [listener] { close(connection) }
    }

    private static func send(_ bytes: [UInt8], to connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
