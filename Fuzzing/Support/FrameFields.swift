// SPDX-License-Identifier: Apache-2.0
//
// A payload as its fields, each with its name and the numbers that schema/wire.md allows for it. One can be changed, and all others stay
// as they are: so a test reaches every field of every frame.

import HeapWire

struct FrameFields {
    struct Field {
        let name: String
        var value: UInt64
        /// What the format allows.
        let range: ClosedRange<UInt64>
    }

    /// Fields that are written together.
    private enum Part {
        case number
        case word
        case text([UInt8])
        /// A code, and the address where it says that one follows.
        case owner
        /// A head: the kind, what stands beside it, and the ticks. Kinds 0 to 2 have a number whose low bits are in the head.
        case operation(kind: UInt8, subkind: UInt8)
    }

    private(set) var fields: [Field] = []
    private var parts: [Part] = []
    private var rest: ArraySlice<UInt8>

    /// - Parameters:
    ///   - payload: a HELLO, KEYFRAME or DELTA.
    ///   - layout: of the heap that a KEYFRAME or DELTA is about.
    init(_ payload: [UInt8], of layout: HeapLayout? = nil) {
        rest = payload[...]
        switch payload.first {
        case FrameType.hello.rawValue: readHello()
        case FrameType.keyframe.rawValue: readKeyframe(layout)
        default: readDelta(layout)
        }
    }

    /// The place of a field; of several with its name, the last one.
    func place(of name: String) -> Int? { fields.lastIndex { $0.name == name } }

    /// Sets the field at a place. Distances of owners are written as addresses once theirs is set.
    mutating func set(_ place: Int, to value: UInt64) {
        fields[place].value = value
        if fields[place].name == "address" { fields[place - 1].value = 1 }
    }

    // MARK: Reading

    private static let bits32 = UInt64(UInt32.max)
    private static let tick: UInt64 = 1 << 62

    private mutating func varint() -> UInt64 {
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while let byte = rest.popFirst() {
            value |= UInt64(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 { break }
        }
        return value
    }

    @discardableResult
    private mutating func number(_ name: String, _ range: ClosedRange<UInt64>) -> UInt64 {
        let value = varint()
        parts.append(.number)
        fields.append(Field(name: name, value: value, range: range))
        return value
    }

    private mutating func numbers(_ names: [(String, ClosedRange<UInt64>)]) {
        for (name, range) in names { number(name, range) }
    }

    private mutating func text() {
        let count = Int(varint())
        parts.append(.text(Array(rest.prefix(count))))
        rest = rest.dropFirst(count)
    }

    private mutating func readHello() {
        numbers([("type", 1...1), ("version", 1...1), ("flags", 0...1)])
        text()
        text()
        numbers([
            ("boot", 0...Self.bits32), ("ticks per second", 1...1_000_000_000), ("tick", 0...Self.tick),
            ("oldest", 1...Self.bits32),
        ])
        let width = number("pointer width", 4...8)
        for _ in 0..<number("heaps", 0...16) {
            number("number", 0...255)
            text()
            numbers([
                ("base", 0...(width == 8 ? .max : Self.bits32)), ("size", 0...Self.bits32), ("alignment", 1...65536),
                ("table", 1...65535), ("traits", 0...3),
            ])
        }
    }

    private mutating func readState() {
        let total = 0...Self.tick - 1
        numbers([
            ("type", 2...3), ("sequence", 1...Self.bits32), ("heap", 0...255), ("tick", 0...Self.tick),
            ("used", 0...Self.bits32), ("gaps", 0...Self.bits32), ("count", 0...65535), ("peak", 0...Self.bits32),
            ("allocations", total), ("frees", total), ("failures", total), ("moves", total), ("bytes moved", total),
            ("lost", 0...Self.bits32),
        ])
        let word = rest.prefix(4).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(4)
        parts.append(.word)
        fields.append(Field(name: "digest", value: word, range: 0...Self.bits32))
    }

    private mutating func owner(_ layout: HeapLayout?) {
        let code = varint()
        parts.append(.owner)
        fields.append(Field(name: "owner", value: code, range: 0...1 << 31))
        let highest = layout?.pointerWidth == 8 ? UInt64.max : Self.bits32
        fields.append(Field(name: "address", value: code == 1 ? varint() : 0, range: 0...highest))
    }

    private mutating func readKeyframe(_ layout: HeapLayout?) {
        readState()
        number("first", 0...65535)
        while !rest.isEmpty {
            number("size", 1...Self.bits32)
            owner(layout)
            if layout?.isLazy == true { number("gap", 0...Self.bits32) }
            if layout?.hasCallSites == true { number("call site", 0...UInt64.max) }
        }
    }

    private mutating func readDelta(_ layout: HeapLayout?) {
        readState()
        number("span", 0...Self.bits32)
        while let head = rest.popFirst() {
            let (kind, low) = (head >> 6, head & 15)
            var ticks = UInt64(head >> 4 & 3)
            if ticks == 3 { ticks += varint() }
            parts.append(.operation(kind: kind, subkind: low))
            fields.append(Field(name: "ticks", value: ticks, range: 0...Self.bits32))
            switch (kind, low) {
            case (0, _):
                fields.append(Field(name: "size", value: UInt64(low) | varint() << 4, range: 0...Self.bits32))
                owner(layout)
                if layout?.hasCallSites == true { number("call site", 0...UInt64.max) }
            case (1...2, _):
                let depth = UInt64(low) + (low == 15 ? varint() : 0)
                fields.append(Field(name: "depth", value: depth, range: 0...65550))
                if kind == 2 { number("size", 1...Self.bits32) }
            case (_, 0):
                number("depth", 0...Self.bits32)
                owner(layout)
            case (_, 1): number("depth", 0...Self.bits32)
            case (_, 2):
                numbers([("size", 0...Self.bits32), ("why", 0...2)])
                owner(layout)
                if layout?.hasCallSites == true { number("call site", 0...UInt64.max) }
            case (_, 3): owner(layout)
            case (_, 5): numbers([("depth", 0...Self.bits32), ("bytes", 1...Self.bits32)])
            default: break
            }
        }
    }

    // MARK: Writing

    var payload: [UInt8] {
        var (bytes, next) = (PayloadBytes(), 0)
        func take() -> UInt64 {
            defer { next += 1 }
            return fields[next].value
        }
        for part in parts {
            switch part {
            case .number: bytes.varint(take())
            case .text(let text):
                bytes.varint(UInt64(text.count))
                bytes.append(text)
            case .word:
                let word = take()
                for place in 0..<4 { bytes.byte(UInt8(truncatingIfNeeded: word >> (place * 8))) }
            case .owner:
                let (code, address) = (take(), take())
                bytes.varint(code)
                if code == 1 { bytes.varint(address) }
            case .operation(let kind, let subkind):
                let ticks = take()
                let number = kind < 3 ? take() : 0
                let low = kind == 0 ? UInt8(number & 15) : kind < 3 ? UInt8(min(number, 15)) : subkind
                bytes.byte(kind << 6 | UInt8(min(ticks, 3)) << 4 | low)
                if ticks >= 3 { bytes.varint(ticks - 3) }
                if kind == 0 { bytes.varint(number >> 4) }
                if kind == 1 || kind == 2, number >= 15 { bytes.varint(number - 15) }
            }
        }
        return bytes.bytes
    }
}
