// SPDX-License-Identifier: Apache-2.0
//
// Which steps of a history lie after all that is known.

import HeapHistory

struct KnownSteps {
    /// The first step that begins after the last moment known; the grid's count when there is none.
    let firstUnknown: Int64

    init(_ history: UsageHistory, _ grid: StepGrid) {
        guard let known = history.knownUntil else {
            firstUnknown = 0
            return
        }
        guard known < history.until, known >= grid.start(ofStep: 0) else {
            firstUnknown = known < history.until ? 0 : grid.count
            return
        }
        firstUnknown = min(grid.index(of: known).addingClamped(1), grid.count)
    }
}
