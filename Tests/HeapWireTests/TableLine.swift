// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What is known of a heap's table after a frame; `python -m heapwire dump --tables` prints the same.
struct TableLine: Equatable {
    var sequence: UInt32
    var heap: UInt32
    /// `exact`, `partial` or `unknown`.
    var standing: String
    /// The known entries.
    var table: [String]

    init(sequence: UInt32, heap: UInt32, standing: String, table: [String]) {
        (self.sequence, self.heap, self.standing, self.table) = (sequence, heap, standing, table)
    }

    /// Of what is printed for a frame: `table: heap 0, exact`, and the entries to the end; nil when it tells of no table.
    init?(paragraph: String) {
        let lines = paragraph.split(separator: "\n").map { String($0) }
        let number = { (title: String) in
            lines.first { $0.hasPrefix(title) }.flatMap { UInt32($0.dropFirst(title.count)) }
        }
        guard let sequence = number("sequence: "), let heap = number("heap: "),
            let start = lines.firstIndex(where: { $0.hasPrefix("table: heap \(heap), ") })
        else { return nil }
        let standing = lines[start].dropFirst("table: heap \(heap), ".count)
        self.init(sequence: sequence, heap: heap, standing: String(standing), table: Array(lines[(start + 1)...]))
    }
}
