// SPDX-License-Identifier: Apache-2.0
//
// A serial line without hardware: the simulator holds the master, a collector opens the other side by a symbolic link.

internal import CommandSupport
internal import Glibc

struct PseudoTerminal {
    let master: Int32
    private let link: String
    private let path: String

    init(linkedFrom link: String) throws {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 128)
        guard openpty(&master, &slave, &name, nil, nil) == 0 else {
            let cause = String(cString: strerror(errno))
            throw Failure(code: ExitStatus.system, "cannot make a pseudo-terminal: \(cause); is /dev/pts mounted?")
        }
        // Raw from the start: otherwise the line would echo what the device says before anybody has opened it.
        var mode = termios()
        tcgetattr(slave, &mode)
        cfmakeraw(&mode)
        tcsetattr(slave, TCSANOW, &mode)
        // The master only knows that nobody is there once the other side was open and has been closed.
        close(slave)
        self.master = master
        self.link = link
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if Self.isSymbolicLink(link) { unlink(link) }
        guard symlink(path, link) == 0 else {
            let cause = String(cString: strerror(errno))
            close(master)
            throw Failure(
                code: ExitStatus.cannotCreate, "cannot put a link to the pseudo-terminal at \(link): \(cause)")
        }
    }

    /// Removes the link, if it is still ours.
    func remove() {
        var target = [CChar](repeating: 0, count: 256)
        let length = readlink(link, &target, target.count)
        let bytes = target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
        if String(decoding: bytes, as: UTF8.self) == path { unlink(link) }
        close(master)
    }

    private static func isSymbolicLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }
}
