// SPDX-License-Identifier: Apache-2.0
//
// A disk and a clock that fail as a test wants: a small library, preloaded into the real collector.

import Foundation
import TestSupport

final class Faults {
    /// For the collector.
    let environment: [String: String]
    private let memory: UnsafeMutableRawPointer

    private static let size = 24

    init(_ scratch: Scratch) async throws {
        let source = Program.repository.appendingPathComponent("Tests/EndToEndTests/Crash/faults.c").path
        let library = scratch["faults.so"]
        let built = try await Program.run(
            "/usr/bin/env",
            ["gcc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, source],
            in: scratch)
        guard built.status == 0 else { throw TimedOut(description: "faults.c: \(built.errors)") }
        let control = scratch["faults"]
        _ = FileManager.default.createFile(atPath: control, contents: Data(count: Self.size))
        let descriptor = open(control, O_RDWR)
        defer { close(descriptor) }
        guard descriptor >= 0, let memory = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            memory != MAP_FAILED
        else { throw TimedOut(description: "the file for faults can't be mapped") }
        self.memory = memory
        environment = ["LD_PRELOAD": library, "DALLOC_FAULTS": control]
    }

    deinit { munmap(memory, Self.size) }

    /// Seconds by which the wall clock is wrong.
    var clockOffset: Int64 {
        get { memory.load(as: Int64.self) }
        set { memory.storeBytes(of: newValue, as: Int64.self) }
    }

    var syncsFail: Bool {
        get { memory.load(fromByteOffset: 8, as: Int32.self) != 0 }
        set { memory.storeBytes(of: newValue ? 1 : 0, toByteOffset: 8, as: Int32.self) }
    }

    /// Files can't become longer, for this error: ENOSPC or EDQUOT; 0 when they can.
    var growthFails: Int32 {
        get { memory.load(fromByteOffset: 12, as: Int32.self) }
        set { memory.storeBytes(of: newValue, toByteOffset: 12, as: Int32.self) }
    }

    var isDiskFull: Bool {
        get { growthFails != 0 }
        set { growthFails = newValue ? ENOSPC : 0 }
    }

    /// How often the disk has failed.
    var refused: Int { Int(memory.load(fromByteOffset: 16, as: Int32.self)) }
}
