// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension FailureList.Failure: ListElement {
    static var columns: [ListColumn<FailureList.Failure>] {
        [
            .init("time", \.time), .init("boot", \.boot), .init("sequence", \.sequence), .init("place", \.place),
            .init("size", \.size), .init("reason", \.reason.rawValue), .init("owner", \.owner),
            .init("call_site", \.callSite), .init("free", \.free), .init("largest_free", \.largestFree),
            .init("live_blocks", \.liveBlocks), .init("table_size", \.tableSize),
        ]
    }
}

extension FailureList: ListAnswer {
    var elements: [Failure] { failures }

    func remarks(on screen: Screen) -> [String] { FailuresView.remarks(self, on: screen) }
}
