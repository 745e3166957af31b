// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What tshark shows of a frame.
struct DissectedFrame {
    var connection: Int
    var tree: [String: Any]

    /// All values of a field; those of trees that may have it more than once are in order.
    private static func values(_ name: String, in tree: [String: Any]) -> [String] {
        switch tree[name] {
        case let value as String: [value]
        case let values as [String]: values
        default: []
        }
    }

    private static func one(_ name: String, in tree: [String: Any]) -> String { values(name, in: tree).first ?? "-" }

    private func one(_ name: String) -> String { Self.one(name, in: tree) }

    private static func hex(_ name: String, in tree: [String: Any]) -> String { hex(one(name, in: tree)) }

    /// Without the zeros that tshark fills up with.
    private static func hex(_ digits: String) -> String {
        UInt64(digits.dropFirst(2), radix: 16).map(WireText.hex) ?? "-"
    }

    private func items(_ name: String) -> [(value: String, tree: [String: Any])] { Self.items(name, in: tree) }

    /// What is in the items of this name, in order, each with its value.
    private static func items(_ name: String, in tree: [String: Any]) -> [(value: String, tree: [String: Any])] {
        let trees: [[String: Any]] =
            switch tree[name + "_tree"] {
            case let one as [String: Any]: [one]
            case let several as [[String: Any]]: several
            default: []
            }
        return Array(zip(values(name, in: tree), trees))
    }

    /// The messages of its expert infos, those of its fields included.
    var messages: [String] { Self.find("_ws.expert.message", in: tree) }

    private static func find(_ name: String, in value: Any) -> [String] {
        switch value {
        case let tree as [String: Any]:
            values(name, in: tree)
                + tree.keys.sorted().filter { $0 != name }.flatMap { find(name, in: tree[$0] as Any) }
        case let several as [Any]: several.flatMap { find(name, in: $0) }
        default: []
        }
    }

    /// All that is shown, for comparison.
    var text: String {
        let data = try? JSONSerialization.data(withJSONObject: tree, options: [.sortedKeys, .prettyPrinted])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "-"
    }

    private func field(_ title: String, _ name: String) -> String { "\(title): \(one("heapwire." + name))" }

    /// The frame in the words of schema/wire.md's examples, all of them from fields.
    var words: [String] {
        let others = ["malformed: ", "skipped: ", "rejected: "]
        if let other = messages.first(where: { message in others.contains { message.hasPrefix($0) } }) {
            return [other]
        }
        switch UInt8(one("heapwire.type")) {
        case 1: return hello + extensions
        case 2: return ["frame: KEYFRAME"] + state("tick") + [field("first", "first")] + entries
        case 3: return ["frame: DELTA"] + state("moment") + [field("span", "span")] + sums + operations
        case 0x41: return ["frame: WELCOME", field("boot", "boot"), field("last stored", "last_stored")] + extensions
        case 0x42: return ["frame: ACK", field("boot", "boot"), field("sequence", "sequence")] + extensions
        case 0x43:
            let wish = [field("keyframe", "keyframe"), field("interval", "interval")]
            return ["frame: REQUEST", field("boot", "boot")] + wish + extensions
        case 0x60:
            let why = [field("wait", "wait"), field("reason", "reason")]
            return ["frame: REFUSE", field("boot", "boot")] + why + extensions
        default: return ["type \(one("heapwire.type"))"]
        }
    }

    private var hello: [String] {
        [
            "frame: HELLO", "one-way: \(one("heapwire.one_way") == "1")", field("device", "device"),
            field("build", "build"), field("boot", "boot"), field("ticks per second", "ticks_per_second"),
            field("tick", "tick"), field("oldest", "oldest"), field("pointer width", "pointer_width"),
        ]
            + items("heapwire.heap").map { number, heap in
                let value = { Self.one("heapwire.heap." + $0, in: heap) }
                let base = Self.hex("heapwire.heap.base", in: heap)
                return "heap \(number): name \(value("name")), base \(base), size \(value("size")), "
                    + "alignment \(value("alignment")), table \(value("table")), traits \(traits(heap))"
            }
    }

    /// The sum of the traits' bits, where the field itself says the same.
    private func traits(_ heap: [String: Any]) -> String {
        guard let bits = heap["heapwire.heap.traits_tree"] as? [String: Any] else { return "-" }
        let lazy = Self.one("heapwire.heap.traits.lazy", in: bits) == "1" ? 1 : 0
        let callSites = Self.one("heapwire.heap.traits.call_sites", in: bits) == "1" ? 2 : 0
        let watched = Self.one("heapwire.heap.traits.watched", in: bits) == "1" ? 4 : 0
        let (sum, bitsSum) = (Self.one("heapwire.heap.traits", in: heap), lazy + callSites + watched)
        return sum == "\(bitsSum)" ? sum : "\(sum), but bits of \(bitsSum)"
    }

    private func state(_ moment: String) -> [String] {
        var lines = [field("sequence", "sequence"), field("heap", "heap"), field("tick", moment)]
        if tree["heapwire.used"] != nil {
            lines += [field("used", "used"), field("gaps", "gaps"), field("count", "count"), field("peak", "peak")]
            let totals = [
                ("allocations", "allocations"), ("frees", "frees"), ("failures", "failures"), ("moves", "moves"),
                ("bytes moved", "bytes_moved"),
            ]
            lines += ["totals: " + totals.map { "\(one("heapwire." + $1)) \($0)" }.joined(separator: ", ")]
            // It has an expert info in a tree when it is above 0; the value is there all the same.
            lines += [field("lost", "lost")]
        }
        return lines + ["digest: \(Self.hex("heapwire.digest", in: tree))"]
    }

    private static func addresses(_ item: [String: Any]) -> [String] {
        [
            ("owner", "heapwire.owner"), ("address", "heapwire.address"), ("new address", "heapwire.new_address"),
            ("call site", "heapwire.call_site"),
        ].compactMap { title, name in item[name] == nil ? nil : "\(title) \(hex(name, in: item))" }
    }

    private var entries: [String] {
        items("heapwire.entry").map { _, entry in
            var words = Self.addresses(entry)
            if entry["heapwire.gap"] != nil { words.insert("gap \(Self.one("heapwire.gap", in: entry))", at: 1) }
            return "entry: " + (["size \(Self.one("heapwire.size", in: entry))"] + words).joined(separator: ", ")
        }
    }

    private var sums: [String] {
        let sum = { (item: [String: Any]) in
            "\(Self.one("heapwire.sums.allocations", in: item)) of \(Self.one("heapwire.sums.bytes", in: item)) bytes"
        }
        return items("heapwire.operation").filter { $0.tree["heapwire.sums.bytes"] != nil }.flatMap { _, operation in
            ["sums: others \(sum(operation))"]
                + Self.items("heapwire.sums.tag", in: operation).map { tag, item in
                    "sums: \(Self.hex(tag)) \(sum(item))"
                }
        }
    }

    private var operations: [String] {
        items("heapwire.operation").compactMap { kind, operation in
            let pin = operation["heapwire.depth"].flatMap { _ in
                ["2": "pin", "3": "unpin"][Self.one("heapwire.operation.skipped", in: operation)]
            }
            let isFill = pin == nil && operation["heapwire.bytes"] != nil && operation["heapwire.size"] != nil
            guard let name = Self.operations[kind] ?? pin ?? (isFill ? "recorder" : nil) else { return nil }
            let numbers = ["depth", "bytes", "size", "why"].compactMap { field in
                operation["heapwire." + field].map { _ in "\(field) \(Self.one("heapwire." + field, in: operation))" }
            }
            let fields = (numbers + Self.addresses(operation)).joined(separator: ", ")
            let tick = Self.one("heapwire.operation.tick", in: operation)
            return "tick \(tick): \(name)" + (fields.isEmpty ? "" : " " + fields)
        }
    }

    /// Those that a reader does not pass over.
    private static let operations = [
        "0": "alloc", "1": "free", "2": "resize", "3": "reown", "4": "failed", "9": "orphan", "10": "bad-pointer",
        "11": "reset", "12": "compact",
    ]

    private var extensions: [String] {
        items("heapwire.extension").map { tag, item in
            let bytes = item["heapwire.extension.bytes"].map { _ in Self.one("heapwire.extension.bytes", in: item) }
            let words = "extension \(tag): " + (bytes ?? "").replacing(":", with: " ")
            // A level is a field of its own.
            guard tag == "2", let level = UInt8(bytes ?? "", radix: 16) else { return words }
            let shown = Self.one("heapwire.level", in: item)
            return shown == "\(level)" ? words : "\(words), but level \(shown)"
        }
    }
}
