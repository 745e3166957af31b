// SPDX-License-Identifier: Apache-2.0
//
// What one column has of one row, before it is written: raw, as the answer has it.

import CommandSupport
import HeapHistory

enum CellValue: Equatable {
    /// The answer doesn't say.
    case nothing
    case number(Int64)
    /// A boot's id: for people in hexadecimal.
    case boot(UInt32)
    case fraction(Double)
    case flag(Bool)
    case text(String)
    case time(Timestamp)

    /// For programs: digits without separators, ISO 8601 in UTC. Control characters are replaced.
    var raw: String {
        switch self {
        case .nothing: ""
        case .number(let number): String(number)
        case .boot(let boot): String(boot)
        case .fraction(let number): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .text(let text): text.printable
        case .time(let time): time.description
        }
    }
}
