// SPDX-License-Identifier: Apache-2.0
//
// The groups of a period as JSON, so that plain SQL can read them: an array for each group, with its code, live blocks, live
// bytes, allocated, freed, failures, bytes moved, the age of its oldest block in seconds or null, lifetimes as an array, and its
// points. The array of lifetimes begins with the first class that is not 0, then come the counts from that class on; it is empty
// when no block was freed. See schema/sqlite/v6-answers.sql.

internal import HeapHistory

extension GroupPeriod {
    /// The JSON of `groups`.
    var body: String {
        var bytes = [UInt8(ascii: "[")]
        for group in groups {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            group.write(to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads what ``body`` wrote. Nil when the text is something else.
    static func groups(_ body: String) -> [Group]? {
        var body = body
        return body.withUTF8 { bytes in
            var reader = GroupTextReader(bytes)
            return reader.groups()
        }
    }
}

extension GroupPeriod.Group {
    func write(to bytes: inout [UInt8]) {
        func number(_ value: UInt64) {
            let start = bytes.count
            var rest = value
            repeat {
                bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            } while rest > 0
            bytes[start...].reverse()
        }
        func list(_ values: some Sequence<UInt64?>) {
            bytes.append(UInt8(ascii: "["))
            var isFirst = true
            for value in values {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                if let value { number(value) } else { bytes += "null".utf8 }
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes += "[\"".utf8
        bytes += group.code.utf8
        bytes.append(UInt8(ascii: "\""))
        for value in [
            UInt64(figures.liveBlocks), figures.liveBytes, UInt64(clamping: figures.allocated.value),
            UInt64(clamping: figures.freed.value), UInt64(clamping: figures.failures.value),
            UInt64(clamping: figures.bytesMoved.value),
        ] {
            bytes.append(UInt8(ascii: ","))
            number(value)
        }
        bytes.append(UInt8(ascii: ","))
        if let oldest = figures.oldest { number(UInt64(clamping: oldest)) } else { bytes += "null".utf8 }
        bytes.append(UInt8(ascii: ","))
        if let classes = figures.lifetimes.range {
            list([UInt64(classes.lowerBound)] + classes.map { UInt64(figures.lifetimes.counts[$0]) })
        } else {
            list([])
        }
        bytes.append(UInt8(ascii: ","))
        list(points)
        bytes.append(UInt8(ascii: "]"))
    }
}
