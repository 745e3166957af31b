// SPDX-License-Identifier: Apache-2.0
//
// A listening socket on 127.0.0.1 and the one connection that it serves.

import Glibc

final class LoopbackListener {
    let port: UInt16
    private var listener: Int32
    private(set) var connection: Int32 = -1

    /// Port 0 takes any that is free.
    init?(port: UInt16 = 0) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        self.port = UInt16(bigEndian: address.sin_port)
        guard isListening else {
            Glibc.close(listener)
            return nil
        }
        _ = fcntl(listener, F_SETFL, O_NONBLOCK)
    }

    deinit { close() }

    /// Takes a connection when there is one.
    func accept() -> Bool {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return false }
        hangUp()
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        connection = descriptor
        return true
    }

    func hangUp() {
        if connection >= 0 { Glibc.close(connection) }
        connection = -1
    }

    func close() {
        hangUp()
        if listener >= 0 { Glibc.close(listener) }
        listener = -1
    }
}

/// What can be read from a descriptor now, until `count` bytes are there.
func receive(_ count: Int, from descriptor: Int32) -> [UInt8] {
    var received: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 256)
    _ = eventually {
        let length = read(descriptor, &chunk, chunk.count)
        if length > 0 { received += chunk.prefix(length) }
        return received.count >= count
    }
    return received
}
