// SPDX-License-Identifier: Apache-2.0

internal import CDalloc
internal import Glibc
internal import Testing

@Suite struct RandomOperationsTests {
    /// A cramped heap runs out of room, a wide one fills the table; both hold variables that own other blocks.
    @Test(arguments: [
        (seed: 1, size: 2048, largest: 160), (seed: 2, size: 600, largest: 60), (seed: 3, size: 16384, largest: 80),
        (seed: 4, size: 4096, largest: 400), (seed: 5, size: 1023, largest: 40), (seed: 6, size: 8192, largest: 90),
    ])
    func aHeapAgreesWithItsModelAfterEveryOperation(seed: UInt64, size: Int, largest: Int) {
        let exerciser = Exerciser(seed: seed, size: size, largest: largest)
        let steps = stepsFromEnvironment
        for step in 0..<steps {
            if let wrong = exerciser.step() {
                Issue.record("seed \(seed), step \(step): \(wrong)")
                return
            }
        }
        // The run would prove little if it never got here.
        #expect(exerciser.orphansSeen > steps / 200)
        var failures: Set = [DALLOC_FAILURE_ZERO_SIZE.rawValue, DALLOC_FAILURE_NO_ROOM.rawValue]
        if size == 16384, steps > 20_000 { failures.insert(DALLOC_FAILURE_TABLE_FULL.rawValue) }
        #expect(exerciser.failuresSeen.isSuperset(of: failures))
    }

    /// For each seed; more of them with DALLOC_RANDOM_STEPS.
    private var stepsFromEnvironment: Int {
        getenv("DALLOC_RANDOM_STEPS").flatMap { Int(String(cString: $0)) } ?? 33_000
    }
}
