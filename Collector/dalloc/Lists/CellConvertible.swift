// SPDX-License-Identifier: Apache-2.0

import HeapHistory

/// What a column can have.
protocol CellConvertible: SendableMetatype {
    var cell: CellValue { get }
}

extension Int: CellConvertible {
    var cell: CellValue { .number(Int64(self)) }
}

extension Int64: CellConvertible {
    var cell: CellValue { .number(self) }
}

extension UInt32: CellConvertible {
    /// Only boot ids have this type.
    var cell: CellValue { .boot(self) }
}

extension Double: CellConvertible {
    var cell: CellValue { .fraction(self) }
}

extension Bool: CellConvertible {
    var cell: CellValue { .flag(self) }
}

extension String: CellConvertible {
    var cell: CellValue { .text(self) }
}

extension Timestamp: CellConvertible {
    var cell: CellValue { .time(self) }
}

extension Address: CellConvertible {
    var cell: CellValue { .text(description) }
}

extension Optional: CellConvertible where Wrapped: CellConvertible {
    var cell: CellValue { self?.cell ?? .nothing }
}
