// SPDX-License-Identifier: Apache-2.0
//
// A model of what the database keeps of a device, and the truth about the device, for the audit.

import HeapHistory
import HeapReplica
import HeapWire

struct SessionHistory {
    private struct StoredHeap {
        var id: Int64
        var announced: DeviceHello.AnnouncedHeap
        var frames: [StoredFrame] = []
        var gaps: [GapRecord] = []
    }

    private struct StoredBoot {
        var clock: BootClock
        var heaps: [StoredHeap] = []
        var lastSequence: UInt32 { heaps.compactMap { $0.frames.last?.sequence }.max() ?? 0 }
        var lastTick: UInt64? {
            heaps.compactMap(\.frames.last).max { $0.sequence < $1.sequence }?.fields?.tick
        }
    }

    private struct Key: Hashable {
        var boot: UInt32
        var sequence: UInt32
    }

    private var boots: [UInt32: StoredBoot] = [:]
    private var nextHeap: Int64 = 1
    private var truths: [Key: ModelDevice.Frame] = [:]
    /// False once frames of another device were accepted: the tables may have any content then.
    private(set) var isTrusted = true

    // MARK: What is true

    mutating func note(_ frame: ModelDevice.Frame, boot: UInt32) {
        truths[Key(boot: boot, sequence: frame.sequence)] = frame
    }

    mutating func distrust() { isTrusted = false }

    // MARK: What the store does

    func lastSequence(_ boot: UInt32) -> UInt32 { boots[boot]?.lastSequence ?? 0 }

    func has(_ frame: ModelDevice.Frame, _ boot: UInt32) -> Bool {
        boots[boot]?.heaps.contains { $0.frames.contains { $0.sequence == frame.sequence } } ?? false
    }

    func isExact(_ heap: Int, _ boot: UInt32) -> Bool {
        boots[boot]?.heaps.last { $0.announced.number == UInt32(heap) }?.frames.last?.isExact ?? false
    }

    mutating func open(_ hello: DeviceHello, at now: Int64, startsOver: Bool = false) -> OpenedBoot {
        if let boot = boots[hello.boot],
            startsOver || hello.tick < max(boot.lastTick ?? 0, boot.clock.segments[0].tick)
                || hello.ticksPerSecond != boot.clock.ticksPerSecond
        {
            hold(!isTrusted, "a device that keeps the rules has one run of each boot")
            // Another run: the rows of the one before stay as they are.
            for heap in boot.heaps { audit(heap, boot: hello.boot) }
            boots[hello.boot] = nil
        }
        var boot =
            boots[hello.boot]
            ?? StoredBoot(
                clock: BootClock(
                    ticksPerSecond: hello.ticksPerSecond, anchorTick: hello.tick,
                    anchorTime: Timestamp(microseconds: now)))
        let opened = hello.heaps.map { announced in
            if let known = boot.heaps.first(where: { $0.announced == announced }) { return Self.open(known) }
            let new = StoredHeap(id: nextHeap, announced: announced)
            boot.heaps.append(new)
            nextHeap += 1
            return Self.open(new)
        }
        boots[hello.boot] = boot
        return OpenedBoot(
            id: Int64(hello.boot), clock: boot.clock, lastSequence: boot.lastSequence, lastTick: boot.lastTick,
            heaps: opened)
    }

    /// As HistoryStore+OpenBoot.swift does it.
    private static func open(_ heap: StoredHeap) -> OpenedBoot.OpenedHeap {
        let last = heap.frames.last
        let gap = heap.gaps.first { $0.endSequence == nil }
        let isExact = gap == nil && last?.isExact == true
        return OpenedBoot.OpenedHeap(
            id: heap.id, announced: heap.announced, material: material(heap, through: .max), lastFrame: last,
            lastExactSequence: gap?.startSequence ?? (isExact ? last?.sequence : nil) ?? 0,
            lastExactTime: gap?.startTime ?? (isExact ? last?.time : nil), openGap: gap,
            isLastSummary: last?.isSummary(in: heap.announced.layout) ?? false)
    }

    private static func material(_ heap: StoredHeap, through sequence: UInt32) -> ReplayMaterial {
        var frames: [StoredFrame] = []
        for frame in heap.frames.reversed() where frame.sequence <= sequence {
            frames.append(frame)
            if frame.state != nil || frames.count > ReplayMaterial.mostFrames { break }
        }
        return ReplayMaterial(backwards: frames)
    }

    mutating func commit(_ frames: [IngestedFrame], boot: Int64) {
        for ingested in frames {
            let record = ingested.record
            var stored = held(boots[UInt32(boot)], "a frame is of a boot that was opened")
            let index = held(
                stored.heaps.firstIndex { $0.id == record.heapID }, "a frame is of a heap that was opened")
            hold(record.frame.sequence > stored.lastSequence, "frames are stored once, and in order")
            hold(stored.heaps[index].frames.last.map { $0.time <= record.frame.time } ?? true, "time never turns back")
            stored.heaps[index].frames.append(record.frame)
            hold(ingested.gap?.heapID ?? record.heapID == record.heapID, "a gap is of the frame's heap")
            for gap in [ingested.gap].compactMap({ $0 }) + ingested.otherGaps {
                let index = held(stored.heaps.firstIndex { $0.id == gap.heapID }, "a gap is of a heap that was opened")
                stored.heaps[index].gaps.removeAll { $0.startSequence == gap.startSequence }
                stored.heaps[index].gaps.append(gap)
            }
            if let clock = ingested.clock { stored.clock.append(clock) }
            boots[UInt32(boot)] = stored
        }
    }

    // MARK: Audit

    func audit() {
        for (number, boot) in boots {
            for heap in boot.heaps { audit(heap, boot: number) }
        }
    }

    private func audit(_ heap: StoredHeap, boot: UInt32) {
        hold(heap.gaps.count { $0.endSequence == nil } <= 1, "a heap has one open gap at most")
        func isInGap(_ sequence: UInt32) -> Bool {
            heap.gaps.contains { $0.startSequence < sequence && sequence < $0.endSequence ?? .max }
        }
        var hasBegun = false
        for frame in heap.frames {
            hold(!(frame.isExact && isInGap(frame.sequence)), "frame \(frame.sequence) is known, and not in a gap")
            hasBegun = hasBegun || frame.isExact
            hold(
                frame.isExact || !hasBegun || isInGap(frame.sequence),
                "frame \(frame.sequence) is not known, and in a gap")
        }
        guard isTrusted else { return }
        auditTables(heap, boot)
        auditMissing(heap, boot, isInGap)
    }

    private func auditTables(_ heap: StoredHeap, _ boot: UInt32) {
        for frame in heap.frames.filter(\.isExact).suffix(16) {
            let truth = held(truths[Key(boot: boot, sequence: frame.sequence)], "a stored frame was sent")
            let table = Self.material(heap, through: frame.sequence).makeTable(heap.announced.layout)
            hold(table.replica.standing == .exact, "an exact frame can be asked for")
            TableRules.holdTruth(table.replica, truth.truth)
        }
    }

    /// A frame that tells of operations and never came is in a gap, as soon as something came after it.
    private func auditMissing(_ heap: StoredHeap, _ boot: UInt32, _ isInGap: (UInt32) -> Bool) {
        let stored = Set(heap.frames.map(\.sequence))
        guard let first = heap.frames.first(where: \.isExact)?.sequence, let last = heap.frames.last?.sequence else {
            return
        }
        for sequence in first...last where !stored.contains(sequence) {
            guard let frame = truths[Key(boot: boot, sequence: sequence)], frame.heap == Int(heap.announced.number),
                frame.hasOperations
            else { continue }
            hold(isInGap(sequence), "frame \(sequence) is missing, and in a gap")
        }
    }
}
