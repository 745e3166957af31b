// SPDX-License-Identifier: Apache-2.0
//
// Where the load goes: resolved once, connected to thousands of times.

internal import CommandSupport
internal import Glibc

struct SocketAddress {
    private let bytes: [UInt8]
    private let family: Int32

    init(_ address: Endpoint) throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(address.host, String(address.port), &hints, &found)
        defer { if found != nil { freeaddrinfo(found) } }
        guard failure == 0, let first = found?.pointee, let socket = first.ai_addr else {
            throw Failure(
                code: ExitStatus.unavailable,
                "the address \(address.host) can't be found: \(String(cString: gai_strerror(failure)))")
        }
        family = first.ai_family
        bytes = Array(UnsafeRawBufferPointer(start: socket, count: Int(first.ai_addrlen)))
    }

    /// A connected socket that never blocks; nil, with the cause in errno.
    func connect() -> Int32? {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let result = bytes.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                Glibc.connect(descriptor, $0.baseAddress, socklen_t(bytes.count))
            }
        }
        guard result == 0 else {
            let cause = errno
            close(descriptor)
            errno = cause
            return nil
        }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        return descriptor
    }
}
