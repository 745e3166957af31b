// SPDX-License-Identifier: Apache-2.0
//
// Reads the text of ``GroupPeriod/body`` and nothing else: a question about a fleet reads millions of groups.

internal import HeapHistory

struct GroupTextReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Nil when the text is something else.
    mutating func groups() -> [GroupPeriod.Group]? {
        var groups: [GroupPeriod.Group] = []
        let isWhole = list { reader in
            var points: [UInt64?] = []
            guard let figures = reader.figures(), reader.points(&points) else { return false }
            groups.append(GroupPeriod.Group(group: figures.group, figures: figures.figures, points: points))
            return true
        }
        return isWhole ? groups : nil
    }

    /// What the groups held, without what they did. False when the text is something else.
    mutating func held(_ entries: inout [PeriodPoints.Entry], _ points: inout [UInt64?]) -> Bool {
        list { reader in
            guard reader.take("["), let group = reader.code(), let blocks = reader.next(), let bytes = reader.next(),
                reader.skip("["), reader.skip("]"), reader.take(",")
            else { return false }
            let start = points.count
            guard reader.points(&points) else { return false }
            entries.append(
                PeriodPoints.Entry(
                    group: group, liveBlocks: UInt32(clamping: blocks), liveBytes: bytes, points: start..<points.count))
            return true
        }
    }

    private mutating func list(_ group: (inout GroupTextReader) -> Bool) -> Bool {
        guard take("[") else { return false }
        if take("]") { return place == bytes.count }
        repeat {
            guard group(&self) else { return false }
        } while take(",")
        return take("]") && place == bytes.count
    }

    private mutating func figures() -> (group: BlockGroup, figures: GroupFigures)? {
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
        guard take(","), take("["), lifetimes(&figures.lifetimes), take(",") else { return nil }
        return (group, figures)
    }

    private mutating func code() -> BlockGroup? {
        guard take("\"") else { return nil }
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") { place += 1 }
        let group = BlockGroup(code: bytes[start..<place])
        return take("\"") ? group : nil
    }

    /// The first class and the counts from there on, up to the closing bracket.
    private mutating func lifetimes(_ lifetimes: inout Lifetimes) -> Bool {
        if take("]") { return true }
        guard let first = number() else { return false }
        var place = Int(clamping: first)
        while take(",") {
            guard let count = number() else { return false }
            lifetimes.add(UInt32(clamping: count), to: place)
            place = place.addingClamped(1)
        }
        return take("]")
    }

    /// The last part of a group, up to its end.
    private mutating func points(_ points: inout [UInt64?]) -> Bool {
        guard take("[") else { return false }
        if take("]") { return take("]") }
        repeat {
            if takeNull() {
                points.append(nil)
            } else {
                guard let point = number() else { return false }
                points.append(point)
            }
        } while take(",")
        return take("]") && take("]")
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

    /// Everything up to and with `sign`.
    private mutating func skip(_ sign: Unicode.Scalar) -> Bool {
        while place < bytes.count {
            place += 1
            if bytes[place - 1] == UInt8(ascii: sign) { return true }
        }
        return false
    }

    private mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: sign) else { return false }
        place += 1
        return true
    }
}
