// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@Suite struct BootNameTests {
    @Test func tablesShowHexadecimalAndJSONHasNumbers() {
        #expect(BootName("8f3a01c2")?.ids == [0x8F3A_01C2])
        #expect(BootName("2403009986")?.ids == [2_403_009_986])
        #expect(BootName("12")?.ids == [12])
        #expect(BootName("0000000c")?.ids == [12])
        // Both are possible: what tables show comes first.
        #expect(BootName("10000000")?.ids == [0x1000_0000, 10_000_000])
    }

    @Test(arguments: ["", "c", "8f3a01c", "8f3a01c22", "4294967296", "+1", "-1", " 1", "١", "0x12"])
    func whatIsNoBootIsRefused(_ text: String) {
        #expect(BootName(text) == nil)
    }

    @Test func aBoundHasItsPrefix() {
        #expect(BootName(bound: "boot:8F3A01C2") == BootName("8f3a01c2"))
        #expect(BootName(bound: "8f3a01c2") == nil)
        #expect(BootName(bound: "boot:") == nil)
    }
}
