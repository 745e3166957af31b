// SPDX-License-Identifier: Apache-2.0
//
// Standard output and standard error. Answers go to the one, everything else to the other.

import Foundation

enum StandardStream {
    /// Writes an answer. A reader that went away (`dalloc moves x | head -1`) ends the process as SIGPIPE would:
    /// silently. Throws when the answer can't be written, to a full disk for example.
    static func write(_ text: String) throws {
        var rest = ArraySlice(text.utf8)
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                signal(SIGPIPE, SIG_DFL)
                raise(SIGPIPE)
            } else if errno == EAGAIN {
                var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&output, 1, -1)
            } else if errno != EINTR {
                throw CommandFailure(
                    status: .unexpected, cause: "the answer could not be written: \(String(cString: strerror(errno)))",
                    wayOut: "check where standard output goes")
            }
        }
    }

    /// Writes a line to standard error. That it can't be written is nothing that could be said anywhere.
    static func note(_ text: String) {
        let spelling = Spelling(
            environment: ProcessInfo.processInfo.environment, isTerminal: isatty(STDERR_FILENO) == 1)
        try? FileHandle.standardError.write(contentsOf: Data((spelling(text) + "\n").utf8))
    }
}
