// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@testable import dalloc

@Suite struct DetailViewTests {
    @Test(arguments: [
        (DeviceDetail.Level.summary, true, true, "a\u{FFFD} is to tell of its heaps in summaries, and was told so."),
        (.full, false, false, "a\u{FFFD} is to tell every operation, and is told so when it connects."),
        (
            .full, true, false,
            "a\u{FFFD} is to tell every operation. It is connected, but was not told: it does not listen now."
        ),
        (nil, true, false, "Nothing is said to a\u{FFFD} of how much to tell: it goes on as it is."),
    ])
    func itIsSaidWhetherTheDeviceKnows(
        detail: DeviceDetail.Level?, connected: Bool, told: Bool, sentence: String
    ) {
        let answer = DeviceDetail(device: "a\u{1B}", detail: detail, connected: connected, told: told)
        #expect(DetailView.render(answer) == Rendering(text: sentence + "\n"))
    }

    @Test func eachChoiceIsALevelOfTheCollector() {
        #expect(DetailChoice.allCases.map(\.level) == [.full, .summary, nil])
        #expect(Set(DetailChoice.allValueDescriptions.keys) == Set(DetailChoice.allCases.map(\.rawValue)))
    }
}
