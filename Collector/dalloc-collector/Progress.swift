// SPDX-License-Identifier: Apache-2.0
//
// One line on stderr that tells how far long work is; on a terminal only.

internal import Foundation

final class Progress {
    private let isShown = isatty(STDERR_FILENO) == 1
    private var last = ""

    /// - Parameter part: from 0 to 1.
    func show(_ what: String, _ part: Double) { show("\(what) \(Int(part * 100)) %") }

    func show(_ line: String) {
        guard isShown, line != last else { return }
        last = line
        FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8))
    }

    func end() {
        guard isShown, !last.isEmpty else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}
