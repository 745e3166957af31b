// SPDX-License-Identifier: Apache-2.0
//
// Frames as lines of text, the way schema/wire.md and the vectors write down what bytes mean; and the same frames encoded anew
// from what was decoded.

import HeapWire

enum WireText {
    /// The one frame in `line`: its payload without stuffing and checksum.
    static func payload(_ line: [UInt8]) throws(Malformed) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: WireLimits.payload + WireLimits.checksum)
        return try buffer.withUnsafeMutableBufferPointer { (buffer) throws(Malformed) -> [UInt8]? in
            guard let base = buffer.baseAddress else { return nil }
            var reader = FrameReader(buffer: base, capacity: buffer.count)
            for byte in line {
                if let length = try reader.feed(byte) { return Array(buffer[..<length]) }
            }
            return nil
        }
    }

    /// What a payload means, a `field: value` a line, and the same frame written again.
    static func read(_ payload: [UInt8], layout: HeapLayout) throws(Malformed) -> (lines: [String], again: [UInt8]) {
        try payload.withUnsafeBufferPointer { (bytes) throws(Malformed) in
            guard let base = bytes.baseAddress, let type = bytes.first else { throw .truncatedField }
            switch FrameType(first: type) {
            case .hello: return try hello(base, bytes.count)
            case .keyframe, .delta: return try state(base, bytes.count, layout)
            case .welcome, .ack, .request, .refuse: return try reply(base, bytes.count)
            case nil:
                guard FrameType.isSkippable(type) else { throw .unknownFrameType }
                let again = FrameWriter.line { writer in payload.forEach { writer.byte($0) } }
                return (["skipped: frame of type \(hex(UInt64(type)))"], again)
            }
        }
    }

    private static func hello(_ base: UnsafePointer<UInt8>, _ count: Int) throws(Malformed) -> ([String], [UInt8]) {
        var hello = try Hello(payload: base, count: count)
        var heaps: [HeapGeometry] = []
        while let heap = try hello.nextHeap() { heaps.append(heap) }
        var lines = [
            "frame: HELLO", "one-way: \(hello.isOneWay)", "device: \(text(hello.device))",
            "build: \(text(hello.build))",
            "boot: \(hello.boot)", "ticks per second: \(hello.ticksPerSecond)", "tick: \(hello.tick)",
            "oldest: \(hello.oldest)", "pointer width: \(hello.pointerWidth)",
        ]
        for heap in heaps {
            let layout = heap.layout
            lines.append(
                "heap \(heap.heap): name \(text(heap.name)), base \(hex(layout.baseAddress)), size \(layout.size), "
                    + "alignment \(layout.alignment), table \(layout.tableSize), traits \(layout.traits.rawValue)")
        }
        let fields = try extensions(hello.extensions)
        lines += fields.lines
        let again = FrameWriter.line { writer in
            Hello.write(
                isOneWay: hello.isOneWay, device: hello.device, build: hello.build, boot: hello.boot,
                ticksPerSecond: hello.ticksPerSecond, tick: hello.tick, oldest: hello.oldest,
                pointerWidth: hello.pointerWidth, heapCount: hello.heapCount, to: &writer)
            for heap in heaps {
                HeapGeometry.write(heap: heap.heap, name: heap.name, layout: heap.layout, to: &writer)
            }
            fields.write(&writer)
        }
        return (lines, again)
    }

    /// The fields after the last one that a frame must have, in words and written again.
    private static func extensions(
        _ reader: ExtensionReader?
    ) throws(Malformed) -> (lines: [String], write: (inout FrameWriter) -> Void) {
        guard var reader else { return ([], { _ in }) }
        var fields: [ExtensionField] = []
        while let field = try reader.next() { fields.append(field) }
        let lines = fields.map { "extension \($0.tag): \($0.bytes.map(digits).joined(separator: " "))" }
        return (lines, { writer in for field in fields { field.write(to: &writer) } })
    }

    private static func digits(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private static func state(
        _ base: UnsafePointer<UInt8>, _ count: Int, _ layout: HeapLayout
    ) throws(Malformed) -> ([String], [UInt8]) {
        let frame = try StateFrame(payload: base, count: count)
        let state = frame.state
        var lines = [
            "sequence: \(state.sequence)", "heap: \(state.heap)", "tick: \(state.tick)",
        ]
        if state.hasFigures {
            lines += [
                "used: \(state.used)", "gaps: \(state.gaps)", "count: \(state.liveBlocks)", "peak: \(state.peak)",
                "totals: \(state.totals.allocations) allocations, \(state.totals.frees) frees, "
                    + "\(state.totals.failures) failures, \(state.totals.moves) moves, \(state.totals.bytesMoved) bytes moved",
                "lost: \(state.lost)",
            ]
        }
        lines.append("digest: \(hex(UInt64(state.digest)))")
        switch frame.body {
        case .keyframe(let first):
            lines = ["frame: KEYFRAME"] + lines + ["first: \(first)"]
            let listed = try frame.listing(in: layout)
            guard var entries = frame.entries(in: layout) ?? listed?.entries else { break }
            var read: [TableEntry] = []
            while let entry = try entries.next() {
                read.append(entry)
                lines.append(
                    "entry: size \(entry.size), \(layout.isWatched ? "address" : "owner") \(hex(entry.owner))"
                        + (layout.isLazy ? ", gap \(entry.gap)" : "")
                        + (layout.hasCallSites ? ", call site \(hex(entry.callSite))" : ""))
            }
            return (lines, FrameWriter.line { state.writeKeyframe(first: first, read, layout: layout, to: &$0) })
        case .delta(let tick):
            let span = UInt32(state.tick - tick)
            lines = ["frame: DELTA"] + lines + ["span: \(span)"]
            guard var operations = frame.operations(in: layout) else { break }
            var written = OperationBytes(layout: layout)
            let start = lines.count
            var previous = tick
            var (told, fills) = (0, 0)
            // No vector has both at one place.
            func takeOthers(before place: Int) {
                while told < operations.pins.count, operations.pins[told].place < place {
                    let pin = operations.pins[told]
                    lines.append("tick \(pin.tick): \(pin.isPinned ? "pin" : "unpin") depth \(pin.depth)")
                    written.append(pin, elapsed: UInt32(pin.tick - previous))
                    previous = pin.tick
                    told += 1
                }
                while fills < operations.fills.count, operations.fills[fills].place < place {
                    let fill = operations.fills[fills]
                    lines.append("tick \(fill.tick): recorder bytes \(fill.most), size \(fill.size)")
                    written.append(fill, elapsed: UInt32(fill.tick - previous))
                    previous = fill.tick
                    fills += 1
                }
            }
            var place = 0
            while let operation = try operations.next() {
                place += 1
                takeOthers(before: place)
                lines.append("tick \(operations.tick): \(words(operation, layout))")
                let elapsed = UInt32(operations.tick - previous)
                previous = operations.tick
                written.append(operation, elapsed: elapsed)
            }
            takeOthers(before: .max)
            written.sums = operations.sums
            if let sums = operations.sums {
                lines.insert(contentsOf: words(sums), at: start)
            }
            return (lines, FrameWriter.line { written.write(state, span: span, to: &$0) })
        }
        return (lines, [])
    }

    private static func reply(_ base: UnsafePointer<UInt8>, _ count: Int) throws(Malformed) -> ([String], [UInt8]) {
        let (lines, write) = try fields(Reply(payload: base, count: count))
        let extensions = try extensions(Reply.extensions(payload: base, count: count))
        let again = FrameWriter.line { writer in
            write(&writer)
            extensions.write(&writer)
        }
        return (lines + extensions.lines, again)
    }

    private static func fields(_ reply: Reply) -> ([String], (inout FrameWriter) -> Void) {
        switch reply {
        case .welcome(let welcome):
            let lines = ["frame: WELCOME", "boot: \(welcome.boot)", "last stored: \(welcome.lastStored)"]
            // Its capabilities are an extension field.
            return (lines, { Welcome(boot: welcome.boot, lastStored: welcome.lastStored).write(to: &$0) })
        case .ack(let ack):
            let lines = ["frame: ACK", "boot: \(ack.boot)", "sequence: \(ack.sequence)"]
            return (lines, { ack.write(to: &$0) })
        case .request(let request):
            let lines = [
                "frame: REQUEST", "boot: \(request.boot)", "keyframe: \(request.keyframe ? 1 : 0)",
                "interval: \(request.interval)",
            ]
            // Its level is an extension field.
            return (
                lines,
                {
                    Request(boot: request.boot, keyframe: request.keyframe, interval: request.interval).write(to: &$0)
                }
            )
        case .refuse(let refuse):
            let lines = [
                "frame: REFUSE", "boot: \(refuse.boot)", "wait: \(refuse.wait)", "reason: \(refuse.reason.rawValue)",
            ]
            return (lines, { refuse.write(to: &$0) })
        }
    }

    static func words(_ operation: Operation, _ layout: HeapLayout) -> String {
        switch operation {
        case .alloc(let size, let owner, let callSite):
            "alloc size \(size), owner \(hex(owner))" + (layout.hasCallSites ? ", call site \(hex(callSite))" : "")
        case .free(let depth): "free depth \(depth)"
        case .resize(let depth, let size): "resize depth \(depth), size \(size)"
        case .reown(let depth, let owner): "reown depth \(depth), owner \(hex(owner))"
        case .orphan(let depth): "orphan depth \(depth)"
        case .allocAt(let address, let size, let callSite):
            "alloc size \(size), address \(hex(address))"
                + (layout.hasCallSites ? ", call site \(hex(callSite))" : "")
        case .freeAt(let address): "free address \(hex(address))"
        case .resizeAt(let address, let size, let target):
            "resize size \(size), address \(hex(address))"
                + (target == address ? "" : ", new address \(hex(target))")
        case .failed(let size, let why, _, let callSite) where layout.isWatched:
            "failed size \(size), why \(why)" + (layout.hasCallSites ? ", call site \(hex(callSite))" : "")
        case .failed(let size, let why, let owner, let callSite):
            "failed size \(size), why \(why), owner \(hex(owner))"
                + (layout.hasCallSites ? ", call site \(hex(callSite))" : "")
        case .badPointer(let owner): "bad-pointer owner \(hex(owner))"
        case .reset: "reset"
        case .compact(let depth, let bytes): "compact depth \(depth), bytes \(bytes)"
        }
    }

    private static func words(_ sums: AllocationSums) -> [String] {
        ["sums: others \(sums.others.allocations) of \(sums.others.bytes) bytes"]
            + sums.tags.map { "sums: \(hex($0.tag)) \($0.sum.allocations) of \($0.sum.bytes) bytes" }
    }

    static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
