// SPDX-License-Identifier: Apache-2.0

internal import HeapHistory

extension GroupName {
    init(_ group: BlockGroup) {
        let address = Address(group.value)
        switch group.kind {
        case .others: self.init(.others)
        case .callSite: self.init(.callSite, address: address)
        case .variable: self.init(.variable, address: address)
        case .orphan: self.init(.orphan, address: group.value == 0 ? nil : address)
        case .size: self.init(.size, size: Int(clamping: group.largestSize))
        case .inside: self.init(.inside, size: Int(clamping: group.largestSize), offset: Int(clamping: group.offset))
        }
    }
}
