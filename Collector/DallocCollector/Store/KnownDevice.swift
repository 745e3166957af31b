// SPDX-License-Identifier: Apache-2.0
//
// A device as the directory knows it, without a look into the database.

internal import HeapHistory

struct KnownDevice: Sendable {
    var summary: DeviceSummary
    /// For each heap of the summary, allocations that failed in the current boot, of those stored since the collector started.
    var failures: [Int]
}
