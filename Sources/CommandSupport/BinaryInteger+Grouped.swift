// SPDX-License-Identifier: Apache-2.0
//
// Numbers as all programs write them for people.

extension BinaryInteger {
    /// `1,048,576`.
    package var grouped: String {
        let digits = String(magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return self < 0 ? "-" + result : result
    }
}
