// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension BlockLife.Event: ListElement {
    static var columns: [ListColumn<BlockLife.Event>] {
        [
            .init("time", \.time), .init("sequence", \.sequence), .init("event", \.event.rawValue),
            .init("index", \.index),
            .init("address", \.address), .init("size", \.size), .init("owner", \.owner), .init("from", \.from),
            .init("cause", \.cause),
        ]
    }
}

extension BlockLife: ListAnswer {
    var elements: [Event] { events }

    func remarks(on screen: Screen) -> [String] { BlockView.remarks(self, on: screen) }
}
