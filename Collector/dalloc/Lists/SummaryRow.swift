// SPDX-License-Identifier: Apache-2.0

import HeapHistory

/// A sum beside its summary.
struct SummaryRow {
    let summary: Summary
    let sum: AllocationSum?
}
