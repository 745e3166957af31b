// SPDX-License-Identifier: Apache-2.0
//
// A connection to a socket in a folder, on which QEMU takes commands and lends a board's serial lines. Text goes both ways.

import Foundation

final class UnixSocket {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let failed = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) != 0
            }
        }
        if failed {
            let code = errno
            close(descriptor)
            throw Socket.Failure(call: "connect \(path)", code: code)
        }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Socket.Failure(call: "send", code: errno)
        }
    }

    /// The next line, without its end; nil while it is not whole.
    func line() throws -> String? {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while !pending.contains(0x0A) {
            let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EAGAIN { return nil }
            guard count > 0 else { throw Socket.Failure(call: "recv", code: errno) }
            pending += chunk[..<count]
        }
        let end = pending.firstIndex(of: 0x0A) ?? 0
        defer { pending.removeFirst(end + 1) }
        return String(decoding: pending[..<end], as: UTF8.self)
    }
}
