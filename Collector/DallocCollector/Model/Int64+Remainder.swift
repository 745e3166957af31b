// SPDX-License-Identifier: Apache-2.0
//
// Rounding of times, which may lie before 1970.

extension Int64 {
    /// 0 ..< divisor, for negative numbers too.
    func flooredRemainder(_ divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder &+ divisor : remainder
    }
}
