// SPDX-License-Identifier: Apache-2.0
//
// The open groups of a heap as bytes, in the collector's own format: varints, then the table as in Checkpoint.swift.

internal import HeapHistory
internal import HeapReplica
internal import HeapWire

extension OpenGroups {
    private static let version: UInt64 = 1

    func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        let start = time ?? 0
        let samples = sampledHours.reversed().reduce(UInt64(0)) { $0 << 1 | ($1 ? 1 : 0) }
        let fields: [UInt64] = [
            Self.version, replay.isKnown ? 1 : 0, Varint.zigzag(lastTime &- start), UInt64(clamping: known),
            UInt64(clamping: operations), replay.tick, UInt64(sampledHours.count), samples,
        ]
        for value in fields { Varint.append(value, to: &bytes) }
        Varint.append(UInt64(replay.tally.entries.count), to: &bytes)
        for entry in replay.tally.entries { entry.append(to: &bytes) }
        guard replay.isKnown else { return bytes }
        assert(replay.tally.isSound(replay.table.replica), "the groups hold all blocks")
        let table = Checkpoint.encode(replay.table.replica)
        Varint.append(UInt64(table.count), to: &bytes)
        bytes += table
        for group in replay.tally.members { Varint.append(UInt64(group), to: &bytes) }
        return bytes
    }

    /// Nil when the bytes can't be of this heap.
    /// - Parameters:
    ///   - sequence: the heap's last frame that is in it.
    ///   - time: when the period begins.
    init?(_ bytes: [UInt8], sequence: UInt32, time: Int64, _ layout: HeapLayout, ticksPerSecond: UInt32) {
        let read = bytes.withUnsafeBufferPointer { buffer -> OpenGroups? in
            guard let base = buffer.baseAddress else { return nil }
            var reader = PayloadReader(base, count: buffer.count)
            return try? Self.read(&reader, sequence, time, GroupReplay(layout, ticksPerSecond: ticksPerSecond))
        }
        guard let read else { return nil }
        self = read
    }

    private static func read(
        _ reader: inout PayloadReader, _ sequence: UInt32, _ time: Int64, _ empty: GroupReplay
    ) throws(Malformed) -> OpenGroups {
        guard try reader.varint() == version else { throw .unknownVersion }
        let isKnown = try reader.varint() != 0
        let lastTime = time &+ Varint.unzigzag(try reader.varint())
        let (known, operations) = (Int64(clamping: try reader.varint()), Int64(clamping: try reader.varint()))
        let tick = try reader.varint()
        let hours = Int(try reader.varint32(0...48))
        let samples = try reader.varint()
        let count = try reader.varint32(0...1024)
        var entries: [GroupTally.Entry] = []
        for _ in 0..<count { entries.append(try GroupTally.Entry(from: &reader, hours: hours)) }
        var replay = empty
        if isKnown {
            let table = Array(try reader.bytes(count: try reader.varint()))
            var members: [UInt16] = []
            while reader.remaining > 0 { members.append(UInt16(clamping: try reader.varint32())) }
            guard replay.restore(table, entries, members, tick: tick) else { throw .valueOutOfRange }
        } else {
            try reader.finish()
            replay.tally.restore(entries, [])
        }
        return OpenGroups(
            replay, sequence: sequence, time: time, lastTime: lastTime,
            sampledHours: (0..<hours).map { samples >> UInt64($0) & 1 != 0 }, known: known, operations: operations)
    }
}

extension GroupTally.Entry {
    fileprivate func append(to bytes: inout [UInt8]) {
        bytes.append(group.kind.rawValue)
        for value in [
            group.value, UInt64(figures.liveBlocks), figures.liveBytes, UInt64(clamping: figures.allocated.value),
            UInt64(clamping: figures.freed.value), UInt64(clamping: figures.failures.value),
            UInt64(clamping: figures.bytesMoved.value), low,
        ] {
            Varint.append(value, to: &bytes)
        }
        let classes = (0..<Lifetimes.classes).filter { figures.lifetimes.counts[$0] > 0 }
        Varint.append(UInt64(classes.count), to: &bytes)
        for place in classes {
            Varint.append(UInt64(place), to: &bytes)
            Varint.append(UInt64(figures.lifetimes.counts[place]), to: &bytes)
        }
        for point in points { Varint.append(point, to: &bytes) }
    }

    fileprivate init(from reader: inout PayloadReader, hours: Int) throws(Malformed) {
        guard let kind = BlockGroup.Kind(rawValue: try reader.byte()) else { throw .valueOutOfRange }
        self.init(group: BlockGroup(kind: kind, value: try reader.varint()))
        figures.liveBlocks = try reader.varint32()
        figures.liveBytes = try reader.varint()
        figures.allocated = Count(clamping: try reader.varint())
        figures.freed = Count(clamping: try reader.varint())
        figures.failures = Count(clamping: try reader.varint())
        figures.bytesMoved = Count(clamping: try reader.varint())
        low = try reader.varint()
        for _ in 0..<Int(truncatingIfNeeded: try reader.varint32(0...32)) {
            let place = Int(truncatingIfNeeded: try reader.varint32(0...31))
            figures.lifetimes.add(try reader.varint32(), to: place)
        }
        for _ in 0..<hours { points.append(try reader.varint()) }
    }
}
