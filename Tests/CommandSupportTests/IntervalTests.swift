// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Testing

struct IntervalTests {
    @Test(
        arguments: [
            ("500ms", 500_000, "500ms"), ("30s", 30_000_000, "30s"), ("90m", 5_400_000_000, "90m"),
            ("1h30m", 5_400_000_000, "90m"), ("30d", 2_592_000_000_000, "30d"), ("2w", 1_209_600_000_000, "14d"),
            ("5y", 157_788_000_000_000, "5y"), ("1d1ms", 86_400_001_000, "86400001ms"),
        ] as [(String, Int64, String)])
    func anIntervalIsNumbersAndUnits(text: String, microseconds: Int64, description: String) {
        #expect(Interval(text)?.microseconds == microseconds)
        #expect(Interval(text)?.description == description)
        #expect(Interval(description)?.microseconds == microseconds, "what is printed can be written")
    }

    @Test(arguments: ["", "0s", "s", "5", "-1s", "1.5h", "30m1h", "1s1s", "9223372036854775807y", "1 h", "1µs"])
    func anythingElseIsNone(text: String) {
        #expect(Interval(text) == nil)
    }

    @Test func aRateIsANumberOfBytes() {
        #expect(ByteRate("500000")?.bytes == 500_000)
        #expect(ByteRate("64K")?.bytes == 65_536)
        #expect(ByteRate("2M")?.bytes == 2_097_152)
        #expect(ByteRate("1024G")?.bytes == 1 << 40)
        for text in ["", "0", "-1", "+5", "K", "1T", "1025G", "9223372036854775807G", "1k"] {
            #expect(ByteRate(text) == nil)
        }
    }
}
