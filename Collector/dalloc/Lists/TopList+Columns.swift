// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension TopList.Entry: ListElement {
    static var columns: [ListColumn<TopList.Entry>] {
        [
            .init("device", \.device), .init("build", \.build), .init("heap", \.heap), .init("name", \.name),
            .init("value", \.value), .init("size", \.size), .init("used", \.used), .init("known_hours", \.knownHours),
        ]
    }
}

extension TopList: ListAnswer {
    var elements: [Entry] { heaps }

    func remarks(on screen: Screen) -> [String] { TopView.remarks(self, screen.zone) }
}
