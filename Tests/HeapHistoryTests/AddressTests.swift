// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@Suite struct AddressTests {
    @Test(arguments: [0, 1, 0x2000_0418, 0xFFFF_FFFF, 0x1_0000_0000, UInt64.max])
    func everyAddressSurvivesItsText(_ value: UInt64) {
        #expect(Address(Address(value).description) == Address(value))
    }

    @Test func shortAddressesHaveEightDigits() {
        #expect(Address(0x418).description == "0x00000418")
        #expect(Address(.max).description == "0xffffffffffffffff")
    }

    @Test(arguments: [
        "", "0x", "20000418", "0x418", "0x+2000418", "0x-2000418", "0X20000418", "0x2000041G", "0x2000041A",
        "0x20000418 ", " 0x20000418", "0x00000000020000418", "0x２0000418",
    ])
    func whatTheSchemaDoesNotAllowIsRefused(_ text: String) {
        #expect(Address(text) == nil)
    }

    @Test func addressesAreOrderedAsInMemory() {
        #expect(Address(0x2000_0000) < Address(0x2000_0004))
        #expect(!(Address(4) < Address(4)))
    }
}
