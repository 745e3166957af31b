// SPDX-License-Identifier: Apache-2.0
//
// A proxy between devices and a collector, as a NAT or a firewall is one: at some moment it carries nothing more of
// the connections that it has, and tells nobody. New ones it carries as ever.

import Foundation
import Synchronization

final class FreezingProxy: Sendable {
    private struct Pair {
        let device: Int32
        let collector: Int32
        var isFrozen = false
    }

    private struct Control {
        var frozen = 0
        var connections = 0
        var isOver = false
    }

    let port: Int
    private let listener: Int32
    private let target: Int
    private let control = Mutex(Control())

    init(to target: Int) throws {
        self.target = target
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var (address, length) = (Self.loopback(0), socklen_t(MemoryLayout<sockaddr_in>.size))
        let failed = Self.withSocketAddress(&address) {
            bind(listener, $0, length) != 0 || listen(listener, 8) != 0 || getsockname(listener, $0, &length) != 0
        }
        if failed { throw Socket.Failure(call: "listen", code: errno) }
        _ = fcntl(listener, F_SETFL, O_NONBLOCK)
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { self.run() }
    }

    deinit { end() }

    /// How many connections devices have made.
    var connections: Int { control.withLock { $0.connections } }

    /// Nothing more comes through the connections that there are now. Both stay open.
    func freeze() { control.withLock { $0.frozen = $0.connections } }

    func end() { control.withLock { $0.isOver = true } }

    private func run() {
        var pairs: [Pair] = []
        defer { (pairs.flatMap { [$0.device, $0.collector] } + [listener]).forEach { close($0) } }
        while true {
            let (frozen, isOver) = control.withLock { ($0.frozen, $0.isOver) }
            if isOver { return }
            for index in pairs.indices.prefix(frozen) { pairs[index].isFrozen = true }
            while let pair = accept() {
                pairs.append(pair)
                control.withLock { $0.connections += 1 }
            }
            for index in pairs.indices where !pairs[index].isFrozen {
                let pair = pairs[index]
                let isOpen = carry(pair.device, pair.collector) && carry(pair.collector, pair.device)
                guard !isOpen else { continue }
                // Both learn of it; the number stays taken.
                for end in [pair.device, pair.collector] { shutdown(end, Int32(SHUT_RDWR)) }
                pairs[index].isFrozen = true
            }
            usleep(500)
        }
    }

    private func accept() -> Pair? {
        let device = Foundation.accept(listener, nil, nil)
        guard device >= 0 else { return nil }
        let collector = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(target)
        let isReached = Self.withSocketAddress(&address) {
            connect(collector, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
        guard isReached else {
            [device, collector].forEach { close($0) }
            return nil
        }
        return Pair(device: device, collector: collector)
    }

    /// False when one side has ended.
    private func carry(_ from: Int32, _ to: Int32) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(from, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        if count <= 0 { return count < 0 && errno == EAGAIN }
        return send(to, chunk, count, Int32(MSG_NOSIGNAL)) == count
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    private static func withSocketAddress<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
    }
}
