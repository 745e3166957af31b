// SPDX-License-Identifier: Apache-2.0

import HeapWire
import Testing

struct AllocationSumsTests {
    private typealias Sum = AllocationSums.Sum
    private typealias Tag = AllocationSums.Tag

    private static func layout(_ width: UInt32) throws -> HeapLayout {
        try #require(
            HeapLayout(
                baseAddress: 0x2000_1000, size: 4096, alignment: 4, tableSize: 100, pointerWidth: width,
                traits: .callSites))
    }

    private static let state: HeapState = {
        var totals = HeapTotals()
        (totals.allocations, totals.frees, totals.failures) = (1403, 1398, 1)
        return HeapState(
            sequence: 3, heap: 0, tick: 63_500, used: 1120, liveBlocks: 5, peak: 3960, totals: totals, lost: 2797,
            digest: 0x5a11_94d8)
    }()

    /// The payload of a summary with these sums, and then these operations.
    private static func payload(_ sums: AllocationSums?, _ operations: [Operation], _ layout: HeapLayout) throws
        -> [UInt8]
    {
        var bytes = OperationBytes(layout: layout)
        bytes.sums = sums
        for operation in operations { bytes.append(operation, elapsed: 3) }
        let line = FrameWriter.line { bytes.write(state, span: 20, to: &$0) }
        return try #require(try WireText.payload(line))
    }

    private static func read(_ payload: [UInt8], _ layout: HeapLayout) throws -> AllocationSums? {
        try payload.withUnsafeBufferPointer {
            try StateFrame(payload: #require($0.baseAddress), count: $0.count).sums(in: layout)
        }
    }

    @Test(arguments: [UInt32(4), 8]) func sumsComeAsTheyWereWritten(width: UInt32) throws {
        let layout = try Self.layout(width)
        let far: UInt64 = width == 8 ? 0xffff_8000_0000_1234 : 0xffff_fff0
        let sums = AllocationSums(
            others: Sum(allocations: .max, bytes: 1 << 62 - 1),
            tags: [
                Tag(0x0800_0123, allocations: 1, bytes: 1), Tag(far, allocations: 0, bytes: 0),
                Tag(4, allocations: 1212, bytes: 48_480),
            ])
        let last = [Operation.alloc(size: 40, owner: 0x2000_0010, callSite: 0x0800_0123), .free(depth: 2)]
        let payload = try Self.payload(sums, last, layout)
        #expect(try Self.read(payload, layout) == sums)
        try payload.withUnsafeBufferPointer {
            let frame = try StateFrame(payload: #require($0.baseAddress), count: $0.count)
            var operations = try #require(frame.operations(in: layout))
            #expect(try operations.next() == last[0])
            #expect(operations.tick == 63_483)
            #expect(try operations.next() == last[1])
            #expect(try operations.next() == nil)
        }
    }

    @Test func whatCannotBeReadIsPassedOver() throws {
        let layout = try Self.layout(4)
        for numbers in [
            [], [1], [1, 2, 3], [1, 2, 3, 4], [1 << 40, 2], [1, 1 << 62], [1, 2, 8, 1, 2, 0, 1, 2],
        ] as [[UInt64]] {
            let line = FrameWriter.line { writer in
                HeapState.begin(3, sequence: 3, heap: 0, tick: 63_500, to: &writer)
                var encoder = OperationEncoder(writer)
                encoder.sums(bytes: numbers.reduce(0) { $0 + OperationEncoder.length(of: $1) })
                for number in numbers { encoder.number(number) }
                encoder.begin(.free, elapsed: 0)
                encoder.depth(1)
                encoder.end()
                writer = encoder.writer
                Self.state.endDelta(span: 0, to: &writer)
            }
            let payload = try #require(try WireText.payload(line))
            #expect(try Self.read(payload, layout) == nil, "\(numbers)")
            let lines = try WireText.read(payload, layout: layout).lines
            #expect(lines.last == "tick 63500: free depth 1", "\(numbers)")
        }
    }

    @Test func aFrameThatLostNothingIsNoSummary() throws {
        let layout = try Self.layout(4)
        #expect(try Self.read(Self.payload(nil, [.free(depth: 0)], layout), layout) == nil)
        #expect(
            try Self.read(Self.payload(AllocationSums(others: Sum(allocations: 0, bytes: 0)), [], layout), layout)
                != nil)
    }

    @Test func aRequestSaysHowMuchIsTold() throws {
        for level in [Request.Level.full, .summary, nil] {
            let request = Request(boot: 7, keyframe: true, interval: 5000, level: level)
            let line = FrameWriter.line { request.write(to: &$0) }
            let payload = try #require(try WireText.payload(line))
            try payload.withUnsafeBufferPointer {
                let base = try #require($0.baseAddress)
                #expect(try Reply(payload: base, count: $0.count) == .request(request))
                #expect(ReplyFields.level(payload: base, count: $0.count) == level)
            }
        }
    }
}
