// SPDX-License-Identifier: Apache-2.0
//
// Any bytes on a line. The frame reader finds what PlainFraming finds, however the bytes come in, is in step again after a zero. What
// it accepts is written again as the same frame with the same meaning.
//
// Input: capacity and places to interrupt the reader, a byte each; then pieces of the line: 0xFF, or another byte with its lowest bit set,
// before a block that becomes the payload of a frame, an even one before a block that goes to the line as it is.

import HeapWire

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    var input = FuzzInput(UnsafeBufferPointer(start: data, count: size))
    let capacities = [WireLimits.payload + WireLimits.checksum, 64, 5, 300]
    let capacity = capacities[input.choice(of: capacities.count)]
    let stride = Int(input.byte()) + 1
    let layouts = (0...3).compactMap { traits in
        HeapLayout(
            baseAddress: 0x2000_1000, size: 4096, alignment: 4, tableSize: 100, pointerWidth: traits & 2 == 0 ? 4 : 8,
            traits: HeapTraits(rawValue: UInt32(traits)))
    }
    var line: [UInt8] = []
    while !input.isAtEnd {
        let kind = input.byte()
        let block = input.block()
        line += kind & 1 == 0 ? block : PlainFraming.line(block) + [0]
    }

    let results = FrameReading.read(line, capacity: capacity, interruptedEach: .max)
    let lines = line.split(separator: 0, omittingEmptySubsequences: false).dropLast()
    let plain = lines.compactMap { PlainFraming.read($0, capacity: capacity) }
    hold(results == plain, "the reader finds \(results), the plain one \(plain)")
    let interrupted = FrameReading.read(line, capacity: capacity, interruptedEach: stride)
    hold(results == interrupted, "interruptions change what is found: \(results), \(interrupted)")

    let known: [UInt8] = [1, 0, 2]
    guard capacity >= known.count + WireLimits.checksum else { return 0 }
    let more = FrameReading.read(
        line + [0] + PlainFraming.line(known) + [0], capacity: capacity, interruptedEach: .max)
    hold(more.last == .payload(known), "the reader is in step after a zero")
    hold(Array(more.prefix(results.count)) == results, "what was read stays read")

    for line in lines {
        guard case .payload(let payload) = PlainFraming.read(line, capacity: capacity) else { continue }
        FrameReading.holdWriting(payload, as: Array(line), window: stride)
        for layout in layouts { FrameReading.holdMeaning(payload, layout: layout) }
    }
    return 0
}
