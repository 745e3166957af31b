// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension WhatIfAnswer.Point: ListElement {
    static var columns: [ListColumn<WhatIfAnswer.Point>] {
        [
            .init("time", \.time), .init("used", \.used), .init("free", \.free), .init("largest_free", \.largestFree),
            .init("fragmentation", \.fragmentation),
        ]
    }
}

extension WhatIfAnswer: ListAnswer {
    var elements: [Point] { points }

    func remarks(on screen: Screen) -> [String] {
        [WhatIfView.verdict(self, screen.zone)] + WhatIfView.remarks(self, screen.zone)
    }
}
