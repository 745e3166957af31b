// SPDX-License-Identifier: Apache-2.0
//
// A disk of a few megabytes, mounted where the system lets us.

import Foundation
import TestSupport

final class SmallDisk {
    let path: String
    private let scratch: Scratch

    /// Nil when nothing can be mounted here.
    init?(_ scratch: Scratch, megabytes: Int) async throws {
        self.scratch = scratch
        path = scratch["disk"]
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard try await Self.mount(["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path], scratch) else {
            return nil
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    func resize(megabytes: Int) async throws {
        guard try await Self.mount(["-o", "remount,size=\(megabytes)m", path], scratch) else {
            throw TimedOut(description: "the disk can't be made larger")
        }
    }

    private static func mount(_ arguments: [String], _ scratch: Scratch) async throws -> Bool {
        try await Program.run("/usr/bin/env", ["mount"] + arguments, in: scratch).status == 0
    }
}
