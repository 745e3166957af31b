// SPDX-License-Identifier: Apache-2.0
//
// A TCP connection whose every wait is a poll() with an end: a peer that says nothing costs no time of the processor.
// Foundation's URLSession is not like that on Linux, and asks nothing here: once libcurl has asked to hear when it may
// write, it hears it for as long as the connection lasts, thousands of times a second (swift-corelibs-foundation,
// _SocketSources.createSources, 6.3).

import Foundation

struct TCPConnection: ~Copyable {
    private let descriptor: Int32
    /// How long one wait may take, in milliseconds.
    private let patience: Int32

    /// Tries the host's addresses one after another. `patience` is in milliseconds, for all of them together, and
    /// again for each wait later on.
    init(host: String, port: UInt16, patience: Int32) throws(HTTPFailure) {
        self.patience = patience
        let addresses = try Self.addresses(host, port)
        var failure = HTTPFailure.unknownHost("it has none")
        for address in addresses {
            switch Self.connect(address, patience / Int32(clamping: addresses.count)) {
            case .success(let descriptor):
                self.descriptor = descriptor
                return
            case .failure(let reason): failure = reason
            }
        }
        throw failure
    }

    deinit { close(descriptor) }

    borrowing func send(_ bytes: [UInt8]) throws(HTTPFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                try Self.wait(descriptor, POLLOUT, patience)
            } else if errno != EINTR {
                throw Self.failure(errno)
            }
        }
    }

    /// The bytes that have come, at least one; none at the end of the connection.
    borrowing func receive(into buffer: inout [UInt8]) throws(HTTPFailure) -> ArraySlice<UInt8> {
        while true {
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count >= 0 { return buffer[..<count] }
            if errno == EAGAIN {
                try Self.wait(descriptor, POLLIN, patience)
            } else if errno != EINTR {
                throw Self.failure(errno)
            }
        }
    }

    private struct Address {
        var family: Int32
        var bytes: [UInt8]
    }

    private static func addresses(_ host: String, _ port: UInt16) throws(HTTPFailure) -> [Address] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw .unknownHost(String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        return sequence(first: list, next: { $0?.pointee.ai_next }).prefix { $0 != nil }.compactMap { entry in
            guard let info = entry?.pointee, let address = info.ai_addr else { return nil }
            let bytes = UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen))
            return Address(family: info.ai_family, bytes: Array(bytes))
        }
    }

    private static func connect(_ address: Address, _ patience: Int32) -> Result<Int32, HTTPFailure> {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { return .failure(failure(errno)) }
        do throws(HTTPFailure) {
            let result = address.bytes.withUnsafeBytes { bytes -> Int32 in
                guard let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
                return Foundation.connect(descriptor, start, socklen_t(clamping: bytes.count))
            }
            if result != 0 {
                guard errno == EINPROGRESS else { throw failure(errno) }
                try wait(descriptor, POLLOUT, patience)
                var (code, length) = (Int32(0), socklen_t(clamping: MemoryLayout<Int32>.size))
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
                guard code == 0 else { throw failure(code) }
            }
            return .success(descriptor)
        } catch {
            close(descriptor)
            return .failure(error)
        }
    }

    /// Sleeps until the descriptor is ready; throws when it isn't for `patience` milliseconds.
    private static func wait(_ descriptor: Int32, _ event: Int32, _ patience: Int32) throws(HTTPFailure) {
        let end = ContinuousClock.now + .milliseconds(Int64(patience))
        while true {
            let left = (end - ContinuousClock.now) / .milliseconds(1)
            var poller = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: event), revents: 0)
            let count = poll(&poller, 1, Int32(max(0, left.rounded(.up))))
            if count > 0 { return }
            if count == 0 { throw .silence }
            if errno != EINTR { throw failure(errno) }
        }
    }

    private static func failure(_ code: Int32) -> HTTPFailure {
        switch code {
        case ECONNREFUSED: .refused
        case ETIMEDOUT: .silence
        case ECONNRESET, EPIPE: .closed
        default: .system(String(cString: strerror(code)))
        }
    }
}
