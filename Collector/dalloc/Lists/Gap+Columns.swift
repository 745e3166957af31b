// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension Gap: ListElement {
    static var columns: [ListColumn<Gap>] {
        [
            .init("start", \.start), .init("end", \.end), .init("cause", \.cause.rawValue),
            .init("operations", \.operations), .init("frames", \.frames),
        ]
    }
}

extension GapList: ListAnswer {
    func remarks(on screen: Screen) -> [String] { GapsView.remarks(self, on: screen) }
}
