// SPDX-License-Identifier: Apache-2.0
//
// A folder of its own for each test, gone when the test is over.

import Foundation

final class Scratch: Sendable {
    let url: URL

    init() throws {
        url = Self.newFolder()
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file into it.
    func write(_ text: String, to name: String) throws -> String {
        let file = url.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    /// One that is gone when the process is.
    static func ofTheRun() throws -> URL {
        let folder = run.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    /// Variables of a type outlive everything else, and are never deinitialised.
    private static let run: URL = {
        atexit { try? FileManager.default.removeItem(at: Scratch.run) }
        return newFolder()
    }()

    private static func newFolder() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "dalloc-test-\(UUID().uuidString)")
    }
}
