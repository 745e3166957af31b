// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic on numbers from outside. A device, a collector's answer and a database may say any number: an operator
// that traps on one of them would end a process for all, and one that wraps around would make a small number of a
// large one. Inlinable, so that other modules compile them for their own types: a call through the witness table for each
// digit was a quarter of the time in which periods of groups are read.

extension FixedWidthInteger {
    /// The sum, or the nearest value that the type has.
    @inlinable package func addingClamped(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the nearest value that the type has.
    @inlinable package func subtractingClamped(_ other: Self) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    /// The product, or the nearest value that the type has.
    @inlinable package func multipliedClamped(by other: Self) -> Self {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}

extension Timestamp {
    /// The moment that many microseconds later, or the nearest that can be expressed.
    package func later(byMicroseconds microseconds: Int64) -> Timestamp {
        Timestamp(microseconds: self.microseconds.addingClamped(microseconds))
    }

    /// Microseconds from another moment to this one; negative when that is later.
    package func microseconds(since other: Timestamp) -> Int64 {
        microseconds.subtractingClamped(other.microseconds)
    }
}
