// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension LastOperation: ListElement {
    static var columns: [ListColumn<LastOperation>] {
        [
            .init("time", \.time), .init("boot", \.boot), .init("sequence", \.sequence), .init("place", \.place),
            .init("operation", \.operation.rawValue), .init("depth", \.depth), .init("allocation", \.allocation),
            .init("address", \.address), .init("new_address", \.newAddress), .init("size", \.size),
            .init("old_size", \.oldSize), .init("owner", \.owner), .init("old_owner", \.oldOwner),
            .init("call_site", \.callSite), .init("reason", \.reason?.rawValue), .init("used", \.used),
            .init("live_blocks", \.liveBlocks),
        ]
    }
}
