// SPDX-License-Identifier: Apache-2.0
//
// A program with call sites that do what programs do: caches that fill up and stay, jobs that come and go, bursts, and, from a
// known time on,
// a leak. It tells of its operations in frames, made with the real codec.

import HeapWire
import Testing

@testable import DallocCollector
@testable import FuzzModels

struct SeededProgram {
    /// Where the calls return to.
    enum Site: UInt64, CaseIterable {
        case churn = 0x0800_1000, cache = 0x0800_2000, slowCache = 0x0800_3000, job = 0x0800_4000, dailyJob =
            0x0800_5000
        case burst = 0x0800_6000, leak = 0x0800_7000
    }

    struct Leak {
        /// Microseconds after the boot.
        var start: Int64
        var blocksPerHour: Double
    }

    private struct Block {
        var size: UInt32
        var owner: UInt64
        var site: Site
    }

    static let hour: Int64 = 3_600_000_000
    /// A tick is a millisecond.
    private static let ticksAnHour = 3_600_000.0

    let layout: HeapLayout
    /// Microseconds between two frames.
    let interval: Int64
    private let leak: Leak?
    private var random: SeededChoices
    private var blocks: [Block] = []
    private var totals = HeapTotals()
    private var sequence: UInt32 = 0
    private var peak: UInt32 = 0
    private var recorded: OperationBytes
    private var nextOwner: UInt64 = 0x1000_0000
    // What the program has in mind.
    private let cacheFull: Double
    private let slowCacheHours: Double
    private let jobHours: Double
    private let range: Double

    /// - Parameters:
    ///   - hours: how long it will run.
    ///   - scale: of all its blocks' sizes.
    ///   - tableSize: the most blocks.
    init(
        seed: UInt64, hours: Double, interval: Int64, leak: Leak?, scale: Double = 1, tableSize: UInt32 = 2000
    ) throws {
        layout = try #require(
            HeapLayout(
                baseAddress: 0x2000_0000, size: 262_144, alignment: 4, tableSize: tableSize, pointerWidth: 4,
                traits: HeapTraits(rawValue: 2)))
        (random, self.interval, self.leak, range) = (SeededChoices(seed: seed), interval, leak, hours)
        self.scale = scale
        recorded = OperationBytes(layout: layout)
        cacheFull = hours * (0.2 + 0.4 * Double(random.below(1000)) / 1000)
        slowCacheHours = hours * (0.05 + 0.1 * Double(random.below(1000)) / 1000)
        jobHours = [2.0, 4, 6, 8][random.below(4)]
    }

    private let scale: Double

    func hello(device: String, build: String, boot: UInt32) -> [UInt8] {
        var hello = OwnedHello(
            device: device, build: build, boot: boot, tick: 0, oldest: 1,
            heaps: [OwnedHello.Heap(name: "main", layout: layout)])
        hello.ticksPerSecond = 1000
        return FrameWriter.payload { hello.write(to: &$0) }
    }

    /// The frame of the next interval.
    mutating func report() -> (payload: [UInt8], time: Int64) {
        sequence += 1
        guard sequence > 1 else { return (frame(isKeyframe: true, tick: 0), 0) }
        let hours = Double(Int64(sequence - 1) * interval) / Double(Self.hour)
        work(at: hours, for: Double(interval) / Double(Self.hour))
        let tick = UInt64(hours * Self.ticksAnHour)
        return (frame(isKeyframe: false, tick: tick), Int64(sequence - 1) * interval)
    }

    // MARK: What it does

    private mutating func work(at hours: Double, for length: Double) {
        for _ in 0..<12 {
            if count(.churn) < 12 || random.once(in: 2) { allocate(.churn, 16, 200) } else { free(.churn) }
        }
        while count(.churn) > 24 { free(.churn) }
        keep(.cache, min(hours / cacheFull, 1) * 60, 96, 160)
        // Its entries are replaced.
        if hours > cacheFull, random.once(in: 2) { free(.cache) }
        keep(.slowCache, (1 - exponential(-hours / slowCacheHours)) * 40, 64, 64)
        keep(.job, hours.truncatingRemainder(dividingBy: jobHours) < jobHours / 4 ? 30 : 0, 128, 128)
        let isDaily = (2.0..<5).contains(hours.truncatingRemainder(dividingBy: 24))
        keep(.dailyJob, isDaily ? 50 : 0, 200, 400)
        if random.once(in: 40) {
            keep(.burst, 80, 32, 256)
        } else if random.once(in: 2) {
            keep(.burst, 0, 32, 256)
        }
        guard let leak, hours * Double(Self.hour) >= Double(leak.start) else { return }
        var chance = leak.blocksPerHour * length
        while chance > 0 {
            if Double(random.below(1_000_000)) / 1_000_000 < min(chance, 1) { allocate(.leak, 48, 80) }
            chance -= 1
        }
    }

    private func exponential(_ value: Double) -> Double {
        // Without a mathematics library: (1 + x/1024)^1024.
        var power = 1 + value / 1024
        for _ in 0..<10 { power *= power }
        return max(0, power)
    }

    private func count(_ site: Site) -> Int { blocks.count { $0.site == site } }

    private mutating func keep(_ site: Site, _ wanted: Double, _ least: UInt32, _ most: UInt32) {
        let wanted = Int(wanted)
        for _ in 0..<max(0, wanted - count(site)) { allocate(site, least, most) }
        while count(site) > wanted { free(site) }
    }

    private mutating func allocate(_ site: Site, _ least: UInt32, _ most: UInt32) {
        let size = UInt32(max(4, Double(least + UInt32(random.below(Int(most - least) + 1))) * scale))
        nextOwner += 4
        let isTableFull = blocks.count == Int(layout.tableSize)
        guard !isTableFull, used + (size + 3) / 4 * 4 <= layout.size else {
            totals.failures += 1
            return record(
                .failed(size: size, why: isTableFull ? 1 : 0, owner: nextOwner, callSite: site.rawValue))
        }
        blocks.append(Block(size: size, owner: nextOwner, site: site))
        totals.allocations += 1
        peak = max(peak, used)
        record(.alloc(size: size, owner: nextOwner, callSite: site.rawValue))
    }

    private mutating func free(_ site: Site) {
        let members = blocks.indices.filter { blocks[$0].site == site }
        guard let index = members.isEmpty ? nil : members[random.below(members.count)] else { return }
        let later = blocks[(index + 1)...]
        totals.frees += 1
        totals.moves += UInt64(later.count)
        totals.bytesMoved += UInt64(later.reduce(0) { $0 + ($1.size + 3) / 4 * 4 })
        record(.free(depth: UInt32(blocks.count - 1 - index)))
        blocks.remove(at: index)
    }

    private var used: UInt32 { blocks.reduce(0) { $0 + ($1.size + 3) / 4 * 4 } }

    // MARK: Frames

    private mutating func record(_ operation: Operation) {
        recorded.append(operation)
    }

    private mutating func frame(isKeyframe: Bool, tick: UInt64) -> [UInt8] {
        var digest = TableDigest()
        for block in blocks {
            digest.add(size: block.size, owner: block.owner)
            digest.add(callSite: block.site.rawValue)
        }
        let state = HeapState(
            sequence: sequence, heap: 0, tick: tick, used: used, liveBlocks: UInt32(blocks.count),
            peak: max(peak, used),
            totals: totals, lost: 0, digest: digest.value)
        let operations = recorded
        (peak, recorded) = (used, OperationBytes(layout: layout))
        return FrameWriter.payload { writer in
            if isKeyframe {
                state.writeKeyframe(layout: layout, to: &writer)
            } else {
                operations.write(state, to: &writer)
            }
        }
    }
}
