// SPDX-License-Identifier: Apache-2.0
//
// Changes frames at random, a million times, and looks whether a replica ever takes a table that is not the heap's. Half of the changes
// happen on the line, where the checksum stands in the way too; the other half to payloads whose checksum is made to fit, so that only the
// digest does.
//
//   mutations COUNT SEED
//
// The last line is JSON; exit code 1 when a wrong table was taken.

import Foundation
import HeapReplica
import HeapWire

@main
struct Mutations {
    private struct Figures {
        var mutations = 0
        /// What came was no frame, or made no sense.
        var rejected = 0
        /// It could be read, and then nothing was known any more, or not yet.
        var unknown = 0
        /// A table was taken; and of those, one that the heap never was.
        var accepted = 0
        var acceptedWrong = 0
    }

    private var random: SplitMix
    private var figures = Figures()

    static func main() {
        let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        guard arguments.count == 2 else {
            FileHandle.standardError.write(Data("mutations COUNT SEED\n".utf8))
            exit(64)
        }
        var run = Mutations(random: SplitMix(state: arguments[1]))
        while run.figures.mutations < Int(arguments[0]) { run.mutateLife() }
        let figures = run.figures
        print(
            """
            {"mutations": \(figures.mutations), "rejected": \(figures.rejected), "unknown": \(figures.unknown), \
            "accepted": \(figures.accepted), "accepted_wrong": \(figures.acceptedWrong), "seed": \(arguments[1])}
            """)
        exit(figures.acceptedWrong == 0 ? 0 : 1)
    }

    private init(random: SplitMix) { self.random = random }

    /// Some dozens of true frames of a heap; each is changed in many ways where the replica has all that came before.
    private mutating func mutateLife() {
        let bytes = (0..<600).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let (layout, frames) = bytes.withUnsafeBufferPointer { Self.frames(of: FuzzInput($0)) }
        let table = ReplicaTable(layout: layout)
        for frame in frames {
            let before = table.replica.standing == .exact ? Checkpoint.encode(table.replica) : nil
            for _ in 0..<50 { mutate(frame, after: before, layout) }
            _ = try? table.apply(frame.payload)
        }
    }

    private static func frames(of input: FuzzInput) -> (HeapLayout, [ModelDevice.Frame]) {
        var input = input
        let layout = HeapLayout(&input)
        var device = ModelDevice(layouts: [layout], tick: 1000)
        var frames: [ModelDevice.Frame] = []
        while !input.isAtEnd {
            for _ in 0..<input.choice(of: 12) { device.step(input.choice(of: 9), heap: 0, &input) }
            frames.append(device.delta(heap: 0))
            if input.byte() < 80, let frame = device.keyframe(heap: 0, most: 100, startsOver: true) {
                frames.append(frame)
            }
        }
        return (layout, frames)
    }

    private mutating func mutate(_ frame: ModelDevice.Frame, after before: [UInt8]?, _ layout: HeapLayout) {
        let table = ReplicaTable(layout: layout)
        if let before { _ = Checkpoint.restore(before, into: table) }
        var payloads = [frame.payload]
        let hasChecksum = random.next() & 1 != 0
        if !hasChecksum {
            change(&payloads[0])
        } else {
            var line = PlainFraming.line(frame.payload) + [0]
            change(&line)
            payloads = FrameReading.read(
                line, capacity: WireLimits.payload + WireLimits.checksum, interruptedEach: .max
            )
            .compactMap { if case .payload(let payload) = $0 { payload } else { nil } }
        }
        figures.mutations += 1
        var (wasRead, wasTaken) = (false, false)
        for payload in payloads {
            guard let verdict = try? table.apply(payload) else { continue }
            wasRead = true
            guard verdict == .exact || verdict == .corrected else { continue }
            wasTaken = true
            let blocks = TableRules.blocks(table.replica)
            // The digest of a watched heap is of addresses alone; sizes and call sites have the checksum.
            let isTrue =
                layout.isWatched && !hasChecksum
                ? blocks.map(\.start) == frame.truth.map(\.start) : blocks == frame.truth
            if !isTrue { figures.acceptedWrong += 1 }
        }
        if wasTaken { figures.accepted += 1 } else if wasRead { figures.unknown += 1 } else { figures.rejected += 1 }
    }

    /// One to three changes, each of one of six kinds.
    private mutating func change(_ bytes: inout [UInt8]) {
        for _ in 0...random.next(3) {
            guard !bytes.isEmpty else { return }
            let place = random.next(bytes.count)
            let length = min(1 + random.next(8), bytes.count - place)
            switch random.next(6) {
            case 0: bytes[place] ^= 1 << UInt8(random.next(8))
            case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 2: bytes.removeSubrange(place..<place + length)
            case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
            case 4: bytes.swapAt(place, random.next(bytes.count))
            default: bytes[place] = bytes[place] &+ (random.next(2) == 0 ? 1 : 0xFF)
            }
        }
    }
}

/// SplitMix64.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func next(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
