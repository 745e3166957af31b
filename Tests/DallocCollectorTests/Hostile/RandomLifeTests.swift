// SPDX-License-Identifier: Apache-2.0
//
// Random lives with extreme numbers: a few in every run, and as long as `make extremes SECONDS=600` says.

import Foundation
import Testing

@testable import DallocCollector

@Suite(.serialized) struct RandomLifeTests {
    /// Seconds, where somebody asks for more than the usual lives.
    private static let seconds = ProcessInfo.processInfo.environment["DALLOC_EXTREME_SECONDS"].flatMap { Int($0) }
    private static let seed = ProcessInfo.processInfo.environment["DALLOC_EXTREME_SEED"].flatMap { UInt64($0) } ?? 1

    /// Lives that showed something: a device whose boot the clock had ended, and holes that retention left in one of two heaps.
    @Test(arguments: [UInt64(130), 1026, 1040]) func whatWasMendedStaysMended(seed: UInt64) async throws {
        var life = try RandomLife(seed: seed)
        try await life.live(steps: 400)
    }

    @Test func whateverDevicesSayTheRightOneIsRight() async throws {
        var (figures, seed) = (RandomLife.Figures(), Self.seed)
        let (end, usual) = (ContinuousClock.now + .seconds(Self.seconds ?? 0), Self.seed + 6)
        while Self.seconds == nil ? seed < usual : ContinuousClock.now < end {
            // Names the life that ends the process.
            if Self.seconds != nil { FileHandle.standardError.write(Data("life \(seed)\n".utf8)) }
            var life = try RandomLife(seed: seed)
            try await life.live(steps: 400)
            figures.add(life.figures)
            seed += 1
        }
        #expect(figures.rejected > 0 && figures.inexact > 0, "what can't be is not believed")
        print(
            """
            {"lives": \(figures.lives), "sessions": \(figures.sessions), "frames": \(figures.frames), \
            "rejected": \(figures.rejected), "inexact": \(figures.inexact), "runs": \(figures.runs), \
            "gatherings": \(figures.gatherings), "restarts": \(figures.restarts), "sweeps": \(figures.sweeps), \
            "clock_steps": \(figures.clockSteps), "questions": \(figures.questions)}
            """)
    }
}
