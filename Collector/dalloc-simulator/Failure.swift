// SPDX-License-Identifier: Apache-2.0
//
// Why the simulator ends: a sentence on stderr and an exit code of sysexits.h.

internal import ArgumentParser
internal import Glibc

struct Failure: Error, CustomStringConvertible {
    var code: Int32
    var description: String

    init(code: Int32, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// Writes a line to stderr; stdout stays free.
func complain(_ message: String) {
    let line = Array("dalloc-simulator: \(message)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
