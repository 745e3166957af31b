// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension UsagePoint: ListElement {
    static var columns: [ListColumn<UsagePoint>] {
        [
            .init("time", \.time), .init("boot", \.boot), .init("size", \.size), .init("used", \.used),
            .init("live_blocks", \.liveBlocks), .init("peak", \.peak), .init("allocated", \.allocated),
            .init("freed", \.freed), .init("failures", \.failures), .init("moves", \.moves),
            .init("bytes_moved", \.bytesMoved),
        ]
    }
}

extension UsageHistory: ListAnswer {
    func remarks(on screen: Screen) -> [String] { HistoryView.remarks(self, on: screen) }
}
