// SPDX-License-Identifier: Apache-2.0
//
// Heaps and operations that the input chooses: likely ones in few bytes, and any at all.

import HeapWire

extension ReportingHeap {
    /// - Parameter kind: below 11: what ``ModelDevice/step(_:heap:_:)`` does with others is no operation.
    func someOperation(_ kind: Int, _ input: inout FuzzInput) -> Operation {
        if layout.isWatched { return someWatched(kind, &input) }
        switch kind {
        case 0: return .alloc(size: UInt32(input.byte()) + 1, owner: outside(&input), callSite: callSite(&input))
        case 1: return .alloc(size: UInt32(input.byte()) + 1, owner: inside(&input), callSite: callSite(&input))
        case 2: return .alloc(size: input.number32(), owner: owner(input.number()), callSite: callSite(&input))
        case 3: return .free(depth: depth(&input))
        case 4: return .resize(depth: depth(&input), size: input.number32())
        case 5: return .reown(depth: depth(&input), owner: inside(&input))
        case 6: return .reown(depth: depth(&input), owner: owner(input.number()))
        case 7: return .orphan(depth: depth(&input))
        case 8: return layout.isLazy ? compaction(&input) : .free(depth: depth(&input))
        case 9: return .badPointer(owner: owner(input.number()))
        default:
            guard input.byte() < 0xF0 else { return .reset }
            let size = input.number32()
            return .failed(
                size: size, why: size == 0 ? 2 : 1, owner: owner(input.number()), callSite: callSite(&input))
        }
    }

    /// In a heap whose blocks lie anywhere.
    private func someWatched(_ kind: Int, _ input: inout FuzzInput) -> Operation {
        switch kind {
        case 0, 1, 6, 7:
            return .allocAt(address: place(&input), size: UInt32(input.byte()) + 1, callSite: callSite(&input))
        case 2: return .allocAt(address: owner(input.number()), size: input.number32(), callSite: callSite(&input))
        case 3, 8: return .freeAt(address: block(&input))
        case 4:
            let address = block(&input)
            return .resizeAt(address: address, size: UInt32(input.byte()) + 1, to: address)
        case 5: return .resizeAt(address: block(&input), size: UInt32(input.byte()) + 1, to: place(&input))
        case 9: return .freeAt(address: owner(input.number()))
        default:
            guard input.byte() < 0xF0 else { return .reset }
            let size = input.number32()
            return .failed(size: size, why: size == 0 ? 2 : 1, callSite: callSite(&input))
        }
    }

    private func block(_ input: inout FuzzInput) -> UInt64 {
        guard !model.blocks.isEmpty else { return 8 }
        return layout.baseAddress &+ model.blocks[input.choice(of: model.blocks.count)].start
    }

    /// After a block, or before the first one.
    private func place(_ input: inout FuzzInput) -> UInt64 {
        let after = input.choice(of: model.blocks.count + 1)
        let end = after == 0 ? 16 : model.end(of: model.blocks[after - 1])
        let unit = UInt64(layout.alignment)
        return owner(layout.baseAddress &+ (end &+ unit &- 1) / unit * unit)
    }

    private func depth(_ input: inout FuzzInput) -> UInt32 { UInt32(input.choice(of: model.blocks.count)) }

    /// As many bits as a pointer has.
    private func owner(_ value: UInt64) -> UInt64 { layout.pointerWidth == 8 ? value : value & 0xFFFF_FFFF }

    private func outside(_ input: inout FuzzInput) -> UInt64 {
        owner(layout.baseAddress &- UInt64(input.byte()) * UInt64(layout.pointerWidth))
    }

    private func inside(_ input: inout FuzzInput) -> UInt64 {
        layout.baseAddress + UInt64(input.byte()) * max(model.end, 1) / 256
    }

    private func callSite(_ input: inout FuzzInput) -> UInt64 { layout.hasCallSites ? owner(input.number()) : 0 }

    private func compaction(_ input: inout FuzzInput) -> Operation {
        let depth = depth(&input)
        guard let first = model.index(depth) else { return .compact(depth: depth, bytes: input.number32() | 1) }
        let last = min(first + input.choice(of: 4), model.blocks.count - 1)
        return .compact(depth: depth, bytes: UInt32(model.taken(first...last) ?? 1))
    }
}

extension HeapLayout {
    /// A heap in three bytes; the first choices are those of schema/wire-vectors.
    init(_ input: inout FuzzInput) {
        let (kind, place, table) = (input.byte(), input.byte(), input.byte())
        let size: UInt32 = [4096, 64, 1 << 20, .max][Int(kind >> 2) & 3]
        let width: UInt32 = kind & 0x10 == 0 ? 4 : 8
        let alignment: UInt32 = [4, 1, 8, 64, 65536][Int(kind >> 5) % 5]
        let highest = width == 8 ? UInt64.max : 0xFFFF_FFFF
        let bases: [UInt64] = [0x2000_1000, 0, highest - UInt64(size), 0x2000_1003]
        let base = min(bases[Int(place) & 3], highest - UInt64(size))
        let tables: [UInt32] = [100, 1, 2, 16, 255, 1024, 65535]
        self = held(
            HeapLayout(
                baseAddress: base, size: size, alignment: alignment, tableSize: tables[Int(table) % 7],
                pointerWidth: width,
                traits: HeapTraits(rawValue: place & 0x10 == 0 ? UInt32(kind) & 3 : UInt32(kind) & 2 | 4)),
            "every choice is a heap")
    }
}
