// SPDX-License-Identifier: Apache-2.0
//
// A summary is a row for each of its sums, and one row when it has none.

import HeapHistory

extension Summary: ListElement {
    var rows: [SummaryRow] {
        sums.isEmpty ? [SummaryRow(summary: self, sum: nil)] : sums.map { SummaryRow(summary: self, sum: $0) }
    }

    static var columns: [ListColumn<SummaryRow>] {
        [
            .init("start", \.summary.start), .init("end", \.summary.end), .init("boot", \.summary.boot),
            .init("build", \.summary.build), .init("sequence", \.summary.sequence), .init("size", \.summary.size),
            .init("used", \.summary.used), .init("gaps", \.summary.gaps), .init("live_blocks", \.summary.liveBlocks),
            .init("peak", \.summary.peak), .init("failures", \.summary.failures),
            .init("operations", \.summary.operations), .init("allocations", \.summary.allocations),
            .init("bytes", \.summary.bytes), .init("complete", \.summary.complete),
            .init("sum_tag", \.sum?.tag.rawValue), .init("sum_address", \.sum?.address),
            .init("sum_allocations", \.sum?.allocations), .init("sum_bytes", \.sum?.bytes),
        ]
    }
}

extension SummaryList: ListAnswer {
    func remarks(on screen: Screen) -> [String] { SummariesView.remarks(self, on: screen) }
}
