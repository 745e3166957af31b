// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// One step is one thing that a firmware would do: an allocation, a free, a resize.
protocol Program {
    mutating func step(_ heap: ProgramHeap, _ random: inout SeededRandom)
}
