// SPDX-License-Identifier: Apache-2.0
//
// Values on their way into SQLite and back.

internal import Foundation
internal import GRDB
internal import HeapHistory

func blob(_ bytes: UnsafeRawBufferPointer) -> Data {
    Data(bytes)
}

extension Row {
    /// A number that the column holds within the range of `Number`. GRDB's own conversion ends the process for any other: here it is the
    /// nearest that fits.
    func narrow<Number: FixedWidthInteger>(_ column: String) -> Number {
        Number(clamping: self[column] as Int64? ?? 0)
    }

    /// A size of 32 bits that the column holds, or nothing.
    func size(ifAny column: String) -> Int? { (self[column] as Int64?).map { Int(UInt32(clamping: $0)) } }

    func count(_ column: String) -> Count { Count(clamping: self[column] as Int64? ?? 0) }

    /// A blob that is never NULL.
    func bytes(_ column: String) -> [UInt8] {
        [UInt8](self[column] as Data)
    }
}
