// SPDX-License-Identifier: Apache-2.0
//
// A plain blocking TCP socket: what a hostile or broken device would use.

import Foundation

final class Socket {
    struct Failure: Error { let call: String, code: Int32 }

    private let descriptor: Int32
    private var pending: [UInt8] = []
    /// The peer has hung up.
    private(set) var isClosed = false

    /// Of a descriptor that is open already, and belongs to this from now on.
    init(descriptor: Int32) { self.descriptor = descriptor }

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
    }

    convenience init(connectedTo port: Int) throws {
        try self.init()
        var address = Self.loopback(port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(call: "connect", code: errno) }
    }

    func bindAnywhere() throws -> Int {
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) {
            try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                guard bind(descriptor, $0, length) == 0, getsockname(descriptor, $0, &length) == 0 else {
                    throw Failure(call: "bind", code: errno)
                }
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    func listenForOne() throws {
        guard listen(descriptor, 1) == 0 else { throw Failure(call: "listen", code: errno) }
    }

    /// The port on this side, as the collector sees it.
    var localPort: Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Sends as much as the peer takes; a peer that has hung up is no failure here.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Foundation.send(
                    descriptor, buffer.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Bytes that have come; empty at the end of the stream, nil when none came within `milliseconds`.
    func receive(milliseconds: Int32) -> [UInt8]? {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, milliseconds) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// The bytes up to and with the next zero; nil when they have not come.
    func nextFrame() -> [UInt8]? {
        if !pending.contains(0), let bytes = receive(milliseconds: 20) {
            if bytes.isEmpty { isClosed = true }
            pending += bytes
        }
        guard let end = pending.firstIndex(of: 0) else { return nil }
        defer { pending.removeFirst(end + 1) }
        return Array(pending[...end])
    }

    func close() {
        Foundation.close(descriptor)
    }

    /// Closes with a reset instead of a farewell.
    func abort() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
