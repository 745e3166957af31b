// SPDX-License-Identifier: Apache-2.0
//
// A link with memory of its own, driven as the agent drives it: by polling.

import CDallocAgent
import CPOSIXLink
import Glibc
import POSIXLink

final class PolledLink {
    let link: UnsafeMutablePointer<dalloc_posix_link_t>
    private let functions: dalloc_link_t
    /// The link keeps the pointer, so the text must live as long as it.
    private let target: UnsafeMutablePointer<CChar>?

    private init(
        target: String?,
        make: (UnsafeMutablePointer<dalloc_posix_link_t>, UnsafeMutablePointer<CChar>?) -> dalloc_link_t
    ) {
        link = .allocate(capacity: 1)
        link.initialize(to: dalloc_posix_link_t())
        self.target = target.flatMap { strdup($0) }
        functions = make(link, self.target)
    }

    convenience init(host: String, port: UInt16) {
        self.init(target: host) { dalloc_tcp_link($0, $1, port) }
    }

    convenience init(path: String, baud: UInt32 = 115200) {
        self.init(target: path) { dalloc_serial_link($0, $1, baud) }
    }

    convenience init(descriptor: Int32) {
        self.init(target: nil) { link, _ in dalloc_descriptor_link(link, descriptor) }
    }

    deinit {
        dalloc_posix_link_close(link)
        link.deallocate()
        free(target)
    }

    var isUp: Bool { functions.is_up?(functions.context) ?? false }

    var error: String { dalloc_posix_link_error(link).map { String(cString: $0) } ?? "" }

    var connections: UInt32 { link.pointee.connections }

    /// How many bytes it took; -1 when the line was lost.
    func write(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBufferPointer {
            Int(functions.write?(functions.context, $0.baseAddress, UInt32($0.count)) ?? -1)
        }
    }

    /// Nil when the line was lost.
    func read() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBufferPointer {
            functions.read?(functions.context, $0.baseAddress, UInt32($0.count)) ?? -1
        }
        return count < 0 ? nil : Array(bytes.prefix(Int(count)))
    }

    /// Writes all of it, as fast as the link takes it.
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        return eventually {
            let taken = self.isUp ? self.write(Array(rest)) : 0
            if taken > 0 { rest = rest.dropFirst(taken) }
            return rest.isEmpty
        }
    }

    /// What comes, up to `count` bytes.
    func receive(_ count: Int) -> [UInt8] {
        var received: [UInt8] = []
        _ = eventually {
            if self.isUp, let bytes = self.read() { received += bytes }
            return received.count >= count
        }
        return received
    }
}

/// Looks every millisecond whether the condition holds. False when it does not within ten seconds.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<10000 {
        if condition() { return true }
        usleep(1000)
    }
    return condition()
}
