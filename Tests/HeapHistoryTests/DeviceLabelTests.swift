// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@Suite struct DeviceLabelTests {
    @Test func aLabelHasANameAndAValue() {
        let label = DeviceLabel("site=berlin = mitte")
        #expect(label?.name == "site" && label?.value == "berlin = mitte")
        #expect(label?.description == "site=berlin = mitte")
        #expect(DeviceLabel("owner=")?.value?.isEmpty == true)
        #expect(DeviceLabel("A-1_b.c")?.value == nil)
    }

    @Test(arguments: ["\u{301}", "\u{1F3FB}I", "\u{FE0F}"])
    func aValueMayBeginWithAMarkThatJoinsTheSign(_ value: String) {
        #expect(DeviceLabel("site=\(value)")?.name == "site")
        #expect(DeviceLabel("site=\(value)")?.value == value)
    }

    @Test(arguments: [
        "", "=", "=x", "a b=c", "ü=x", "a\n=b", "a=b\n", "a=\u{1B}[2J", String(repeating: "n", count: 64),
        "a=" + String(repeating: "v", count: 256),
    ])
    func othersAreRefused(_ text: String) {
        #expect(DeviceLabel(text) == nil)
    }

    @Test func aDeviceIsAskedForByItsLabels() throws {
        let labels = ["site": "berlin"]
        for (text, holds) in [
            ("site", true), ("site=berlin", true), ("site=", false), ("site=bonn", false), ("owner", false),
            ("owner=", true),
        ] {
            #expect(try #require(DeviceLabel(text)).holds(for: labels) == holds, "\(text)")
        }
    }
}
