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
        case half
        /// Packed in bits, up to ``packedEnd``.
        case bits(Packed)
        case packedEnd
        /// How long the end of a DELTA is, which follows from it, and whether it has figures.
        case ending(hasFigures: Bool)
    }

    /// How a field is packed.
    private enum Packed {
        case number(Int)
        case zeros(of: Int)
        case size, depth, ticks
        /// A length, and so many bits.
        case distance
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
        case FrameType.keyframe.rawValue, FrameType.keyframe.rawValue | 16: readKeyframe(layout)
        default: readDelta(layout)
        }
    }

    /// The place of a field; of several with its name, the last one.
    func place(of name: String) -> Int? { fields.lastIndex { $0.name == name } }

    /// Sets the field at a place.
    mutating func set(_ place: Int, to value: UInt64) { fields[place].value = value }

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

    private mutating func readStart() {
        let hasHeap = rest.first.map { $0 & 16 != 0 } ?? false
        numbers([("type", 2...19), ("sequence", 1...Self.bits32)])
        if hasHeap { number("heap", 1...255) }
        number("tick", 0...Self.tick)
    }

    private mutating func readFigures() {
        let total = 0...Self.tick - 1
        numbers([
            ("used", 0...Self.bits32), ("gaps", 0...Self.bits32), ("count", 0...65535), ("peak", 0...Self.bits32),
            ("allocations", total), ("frees", total), ("failures", total), ("moves", total), ("bytes moved", total),
            ("lost", 0...Self.bits32),
        ])
        word("digest", bytes: 4)
    }

    private mutating func word(_ name: String, bytes count: Int) {
        let word = rest.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(count)
        parts.append(count == 4 ? .word : .half)
        fields.append(Field(name: name, value: word, range: 0...(count == 4 ? Self.bits32 : 65535)))
    }

    // MARK: Reading bits

    @discardableResult
    private mutating func add(
        _ name: String, _ packed: Packed, _ range: ClosedRange<UInt64>, from bits: inout PackedBits
    ) -> UInt64 {
        let value =
            switch packed {
            case .number(let count): bits.number(count)
            case .zeros(let most): UInt64(bits.zeros(most))
            case .size: bits.size()
            case .depth: bits.depth()
            case .ticks: bits.ticks()
            case .distance: bits.number(Int(bits.number(7)))
            }
        parts.append(.bits(packed))
        fields.append(Field(name: name, value: value, range: range))
        return value
    }

    private mutating func size(_ name: String = "size", from bits: inout PackedBits) {
        add(name, .size, 1...Self.bits32, from: &bits)
    }

    private mutating func owner(_ layout: HeapLayout?, from bits: inout PackedBits) {
        let most = layout?.pointerWidth == 8 ? UInt64.max : Self.bits32
        let (zeros, isDistance) = bits.owner()
        parts.append(.bits(.zeros(of: 6)))
        fields.append(Field(name: "owner", value: zeros, range: 0...6))
        guard isDistance else { return }
        if zeros < 4 {
            add("distance", .number(6), 0...63, from: &bits)
        } else {
            add("distance", .distance, 0...most, from: &bits)
        }
    }

    private mutating func site(_ layout: HeapLayout?, from bits: inout PackedBits) {
        guard layout?.hasCallSites == true, add("call site", .number(1), 0...1, from: &bits) == 1,
            add("call site", .number(1), 0...1, from: &bits) == 1
        else { return }
        add("call site", .distance, 0...(layout?.pointerWidth == 8 ? UInt64.max : Self.bits32), from: &bits)
    }

    private mutating func readKeyframe(_ layout: HeapLayout?) {
        readStart()
        readFigures()
        number("first", 0...65535)
        var bits = PackedBits(rest)
        rest = []
        while !bits.isAtEnd {
            size(from: &bits)
            owner(layout, from: &bits)
            if layout?.isLazy == true, add("gap", .number(1), 0...1, from: &bits) == 0 { size("gap", from: &bits) }
            site(layout, from: &bits)
        }
        parts.append(.packedEnd)
    }

    private mutating func readDelta(_ layout: HeapLayout?) {
        readStart()
        let ending = rest.last ?? 0
        let end = rest.suffix(Int(ending & 127) + 1)
        var bits = PackedBits(rest.dropLast(end.count))
        while !bits.isAtEnd { readOperation(layout, from: &bits) }
        parts.append(.packedEnd)
        rest = end.dropLast()
        number("span", 0...Self.bits32)
        if ending & 128 != 0 { readFigures() } else { word("digest", bytes: 2) }
        parts.append(.ending(hasFigures: ending & 128 != 0))
    }

    private mutating func readOperation(_ layout: HeapLayout?, from bits: inout PackedBits) {
        var kind = add("kind", .zeros(of: 4), 0...4, from: &bits)
        if kind == 3 { kind += add("kind", .number(1), 0...1, from: &bits) }
        if kind == 4, case .zeros? = lastPacked { kind += add("kind", .number(3), 0...7, from: &bits) }
        add("ticks", .ticks, 0...Self.bits32, from: &bits)
        if [1, 2, 3, 5, 8].contains(kind) { add("depth", .depth, 0...65535, from: &bits) }
        let why = kind == 4 ? add("why", .number(2), 0...2, from: &bits) : 0
        if [0, 2, 8].contains(kind) || kind == 4 && why != 2 { size(from: &bits) }
        if [0, 3, 4, 6].contains(kind) { owner(layout, from: &bits) }
        if [0, 4].contains(kind) { site(layout, from: &bits) }
        if kind == 11 {
            add("skipped", .number(8), 0...255, from: &bits)
            for _ in 0..<add("bytes", .number(8), 0...255, from: &bits) {
                add("byte", .number(8), 0...255, from: &bits)
            }
        }
    }

    private var lastPacked: Packed? {
        if case .bits(let packed)? = parts.last { packed } else { nil }
    }

    // MARK: Writing

    var payload: [UInt8] {
        var (bytes, bits, next, endStart) = (PayloadBytes(), PackedBits(), 0, 0)
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
            case .word, .half:
                let word = take()
                var count = 4
                if case .half = part { count = 2 }
                for place in 0..<count { bytes.byte(UInt8(truncatingIfNeeded: word >> (place * 8))) }
            case .bits(let packed): Self.write(take(), packed, to: &bits)
            case .packedEnd:
                bytes.append(bits.bytes)
                endStart = bytes.bytes.count
            case .ending(let hasFigures):
                bytes.byte(UInt8(bytes.bytes.count - endStart) | (hasFigures ? 128 : 0))
            }
        }
        return bytes.bytes
    }

    private static func write(_ value: UInt64, _ packed: Packed, to bits: inout PackedBits) {
        switch packed {
        case .number(let count): bits.write(value, count)
        case .zeros(let most): bits.write(zeros: Int(min(value, 64)), of: most)
        case .size: bits.write(size: value)
        case .depth: bits.write(depth: value)
        case .ticks: bits.write(ticks: value)
        case .distance:
            let length = 64 - value.leadingZeroBitCount
            bits.write(UInt64(length), 7)
            bits.write(value, length)
        }
    }
}
