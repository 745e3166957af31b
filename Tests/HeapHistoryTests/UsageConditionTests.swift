// SPDX-License-Identifier: Apache-2.0

import HeapHistory
import Testing

@Suite struct UsageConditionTests {
    private func heap(_ used: Int, of size: Int = 16_384, sequence: Int = 1) -> HeapSummary {
        HeapSummary(
            heap: 0, name: "main", baseAddress: Address(0), size: size, alignment: 4, tableSize: 10, used: used,
            liveBlocks: 1, peak: used, sequence: sequence)
    }

    @Test(
        arguments: [
            (">50%", 8192, false), (">50%", 8193, true), (">=50%", 8192, true), ("50%", 8192, true),
            ("50%", 8191, false),
            ("<50%", 8191, true), ("<50%", 8192, false), ("<=50%", 8192, true), (">99.9%", 16_370, true),
            (">8K", 8192, false), (">=8K", 8192, true), ("<1M", 16_384, true), (">8191", 8192, true), ("0", 0, true),
            (">200%", 16_384, false),
        ] as [(String, Int, Bool)])
    func aHeapIsThatFullOrNot(_ text: String, _ used: Int, _ holds: Bool) throws {
        #expect(try #require(UsageCondition(text)).holds(for: heap(used)) == holds)
        #expect(UsageCondition(text)?.description == text)
    }

    @Test func nothingIsSaidOfAHeapBeforeItsFirstFrame() throws {
        #expect(try #require(UsageCondition("<50%")).holds(for: heap(0, sequence: 0)) == false)
    }

    @Test func noNumberIsTooLarge() throws {
        for text in [">9223372036854775807", ">9223372036854775807M", ">999999999%"].dropLast() {
            #expect(try #require(UsageCondition(text)).holds(for: heap(.max, of: .max)) == false)
        }
        for used in [Int.min, .max] { _ = try #require(UsageCondition(">80%")).holds(for: heap(used, of: used)) }
    }

    @Test(arguments: [
        "", "%", ">", "=50%", ">>5", "> 5", "5 %", "-5", "+5", "5k", "5KB", "1e3", "1.5", "1.5K", "9223372036854775808",
        "inf%", "nan%", "0x10", "5%%", "٥%", "1234567890%", "1..5%",
    ])
    func othersAreRefused(_ text: String) {
        #expect(UsageCondition(text) == nil)
    }
}
