// SPDX-License-Identifier: Apache-2.0

import HeapHistory

extension GroupName {
    /// `call site 0x08001234`, `in blocks of 33 to 64 B, at +8`.
    var words: String {
        switch groupedBy {
        case .callSite: "call site \(address?.description ?? "")"
        case .variable: "variable \(address?.description ?? "")"
        case .inside: "held in blocks \(sizes), at +\(offset ?? 0)"
        case .size: "blocks \(sizes)"
        case .orphan: "no owner" + (address.map { ", call site \($0)" } ?? "")
        case .others: "others"
        case .heap: "the heap as a whole"
        }
    }

    private var sizes: String {
        guard let size, size > 1 else { return "of 1 B" }
        return size == 2 ? "of 2 B" : "of \(Figures.number(size / 2 + 1)) to \(Figures.number(size)) B"
    }
}
