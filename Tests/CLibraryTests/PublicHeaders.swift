// SPDX-License-Identifier: Apache-2.0
//
// The headers that users get, as they stand in the repository.

import Foundation

enum PublicHeaders {
    static let folders = ["Sources/CDalloc/include", "Agent/DallocAgent/include", "Agent/POSIXLink/include"]
        .map { Command.repository.appending(path: $0) }

    static let includes = folders.map { "-I" + $0.path }

    static func all() throws -> [URL] {
        try folders.flatMap { try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil) }
            .filter { $0.pathExtension == "h" }.sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    /// The programs between `@code{.c}` and `@endcode` in a header's comments.
    static func examples(in header: URL) throws -> [String] {
        var examples: [String] = []
        var example: [Substring]?
        for line in try String(contentsOf: header, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.contains("@code{.c}") {
                example = []
            } else if line.contains("@endcode") {
                example.map { examples.append($0.joined(separator: "\n") + "\n") }
                example = nil
            } else {
                example?.append(line.trimmingPrefix(#/ \* ?/#))
            }
        }
        return examples
    }
}
