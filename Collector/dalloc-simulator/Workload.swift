// SPDX-License-Identifier: Apache-2.0
//
// What a device's program does with its heap.

import ArgumentParser

enum Workload: String, ExpressibleByArgument {
    /// About sixty blocks, mostly small, freed nearly in the reverse order of their allocation.
    case steady
    /// Many short-lived blocks, freed in any order; owners change, and some stand inside the heap.
    case churn
    /// Fills the heap until an allocation fails, then empties it, in waves.
    case burst
    /// Steady, with a block now and then that nobody frees.
    case leak

    func makeProgram(heapSize: UInt32) -> any Program {
        switch self {
        case .steady: SteadyProgram(target: 60)
        case .churn: ChurnProgram()
        case .burst: BurstProgram(heapSize: heapSize)
        case .leak: LeakProgram()
        }
    }
}
