// SPDX-License-Identifier: Apache-2.0
//
// A package outside of this one, as a user has it: it names the products and sees what they publish.

import Foundation
import HeapHistory
import TestSupport
import Testing

@Suite(.serialized) struct ExamplePackageTests {
    @Test func aPackageOfAUserBuildsAndReports() async throws {
        let scratch = try Scratch()
        let package = Program.repository.appendingPathComponent("Examples/swift-linux").path
        // Kept between runs; the build of this package has its own.
        let builds = Program.repository.appendingPathComponent(".build/examples/swift-linux").path
        let built = try await Program.run(
            "/usr/bin/env",
            ["swift", "build", "-c", "release", "--package-path", package, "--scratch-path", builds], in: scratch)
        try #require(built.status == 0, "\(built.output) \(built.errors)")
        let collector = try await RunningCollector(scratch)
        let run = try await Program.run("\(builds)/release/sensor-log", ["\(collector.port)"], in: scratch)
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            run.output == """
                readings: 3, live blocks: 1, peak: 24 bytes
                not freed: the allocation belongs to another heap, or its block was freed through the C API

                """, "a release build throws where a debug build stops")
        #expect(try await collector.devices().map(\.id) == ["sensor-log"])
        #expect(try await collector.stop() == 0)
    }
}
