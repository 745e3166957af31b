// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension Move: ListElement {
    static var columns: [ListColumn<Move>] {
        [
            .init("time", \.time), .init("boot", \.boot), .init("sequence", \.sequence),
            .init("allocation", \.allocation), .init("from", \.from), .init("to", \.to), .init("bytes", \.bytes),
            .init("cause_operation", \.cause.operation.rawValue), .init("cause_allocation", \.cause.allocation),
            .init("cause_index", \.cause.index), .init("cause_address", \.cause.address),
            .init("cause_size", \.cause.size), .init("cause_owner", \.cause.owner),
        ]
    }
}

extension MoveList: ListAnswer {
    func remarks(on screen: Screen) -> [String] { MovesView.remarks(self, on: screen) }
}
