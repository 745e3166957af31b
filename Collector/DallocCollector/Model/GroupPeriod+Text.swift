// SPDX-License-Identifier: Apache-2.0
//
// The groups of a period as JSON, so that plain SQL can read them: an array for each group, with its code, live blocks, live
// bytes, allocated,
// freed, failures, bytes moved, the age of its oldest block in seconds or null, lifetimes as an object of the classes that are not 0, and
// its points. See docs/operating.md.

internal import HeapHistory

extension GroupPeriod {
    /// The JSON of `groups`.
    var body: String { Self.text(groups.map(\.text)) }

    static func text(_ groups: [String]) -> String { "[" + groups.joined(separator: ",") + "]" }

    /// Reads what ``body`` wrote. Nil when the text is something else.
    static func groups(_ body: String) -> [Group]? {
        var body = body
        return body.withUTF8 { bytes in
            var reader = BodyReader(bytes: bytes)
            return reader.groups()
        }
    }
}

extension GroupPeriod.Group {
    var text: String {
        var text = "[\"\(group.code)\""
        let counts = [figures.allocated, figures.freed, figures.failures, figures.bytesMoved].map { "\($0.value)" }
        text += ",\(figures.liveBlocks),\(figures.liveBytes)," + counts.joined(separator: ",")
        text += "," + (figures.oldest.map { "\($0)" } ?? "null") + ",{"
        let classes = (0..<Lifetimes.classes).filter { figures.lifetimes.counts[$0] > 0 }
        text += classes.map { "\"\($0)\":\(figures.lifetimes.counts[$0])" }.joined(separator: ",")
        return text + "},[" + points.map { $0.map { "\($0)" } ?? "null" }.joined(separator: ",") + "]]"
    }
}

/// Reads the arrays of ``GroupPeriod/body`` and nothing else: a question about a fleet reads a million of them.
private struct BodyReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func groups() -> [GroupPeriod.Group]? {
        guard take("[") else { return nil }
        var groups: [GroupPeriod.Group] = []
        if take("]") { return place == bytes.count ? groups : nil }
        repeat {
            guard let group = group() else { return nil }
            groups.append(group)
        } while take(",")
        return take("]") && place == bytes.count ? groups : nil
    }

    private mutating func group() -> GroupPeriod.Group? {
        guard take("["), let group = code() else { return nil }
        var figures = GroupFigures()
        guard let blocks = next(), let live = next(), let allocated = next(), let freed = next(), let failures = next(),
            let moved = next(), take(",")
        else { return nil }
        (figures.liveBlocks, figures.liveBytes) = (UInt32(clamping: blocks), live)
        (figures.allocated, figures.freed) = (Count(clamping: allocated), Count(clamping: freed))
        (figures.failures, figures.bytesMoved) = (Count(clamping: failures), Count(clamping: moved))
        if !takeNull() {
            guard let oldest = number() else { return nil }
            figures.oldest = Int64(clamping: oldest)
        }
        guard take(","), take("{"), lifetimes(&figures.lifetimes), take(","), let points = points(), take("]") else {
            return nil
        }
        return GroupPeriod.Group(group: group, figures: figures, points: points)
    }

    private mutating func code() -> BlockGroup? {
        guard take("\"") else { return nil }
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") { place += 1 }
        let group = BlockGroup(code: String(decoding: bytes[start..<place], as: UTF8.self))
        return take("\"") ? group : nil
    }

    /// Class and count, up to the closing brace.
    private mutating func lifetimes(_ lifetimes: inout Lifetimes) -> Bool {
        if take("}") { return true }
        repeat {
            guard take("\""), let place = number(), take("\""), take(":"), let count = number() else { return false }
            lifetimes.add(UInt32(clamping: count), to: Int(clamping: place))
        } while take(",")
        return take("}")
    }

    private mutating func points() -> [UInt64?]? {
        guard take("[") else { return nil }
        var points: [UInt64?] = []
        if take("]") { return points }
        repeat {
            if takeNull() {
                points.append(nil)
            } else {
                guard let point = number() else { return nil }
                points.append(point)
            }
        } while take(",")
        return take("]") ? points : nil
    }

    private mutating func next() -> UInt64? { take(",") ? number() : nil }

    private mutating func number() -> UInt64? {
        let start = place
        var value: UInt64 = 0
        while place < bytes.count, case let digit = bytes[place] &- UInt8(ascii: "0"), digit <= 9 {
            value = value.multipliedClamped(by: 10).addingClamped(UInt64(digit))
            place += 1
        }
        return place > start ? value : nil
    }

    private mutating func takeNull() -> Bool {
        guard take("n") else { return false }
        return take("u") && take("l") && take("l")
    }

    private mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: sign) else { return false }
        place += 1
        return true
    }
}
