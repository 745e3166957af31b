// SPDX-License-Identifier: Apache-2.0
//
// Hundreds of devices at once: the load generator, and what it says in the end.

import Foundation
import TestSupport

final class Load {
    struct Result: Decodable {
        var operations: Int
        var frames: Int
        var reconnects: Int
        /// Acknowledged, and missed by the collector when it was asked again.
        var lostFrames: Int
    }

    private let program: Program

    /// Goes on until it is stopped.
    init(_ collector: RunningCollector, connections: Int, rate: Int, name: String = "load") throws {
        program = try Program(
            "dalloc-simulator",
            [
                "load", "--collector", "127.0.0.1:\(collector.port)", "--connections", "\(connections)", "--rate",
                "\(rate)", "--duration", "1h", "--frames", "500", "--streams", "4", "--name", name,
            ], in: collector.scratch)
    }

    var isRunning: Bool { program.isRunning }

    func stop() async throws -> Result {
        program.signal(SIGTERM)
        let end = try await program.finish()
        guard let line = end.output.split(separator: "\n").last, end.status == 0 else {
            throw TimedOut(description: "the load generator: \(end.errors)")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Result.self, from: Data(line.utf8))
    }
}

extension RunningCollector {
    struct Check: Decodable {
        var frames: Int
        var verifiedFrames: Int
        var gaps: Int
        var findings: [String]
    }

    /// What `dalloc-collector check` says.
    func check() async throws -> Check {
        let end = try await Program.run(
            "dalloc-collector", ["check", "--database", database, "--format", "json"], in: scratch)
        return try JSONDecoder().decode(Check.self, from: Data(end.output.utf8))
    }
}
