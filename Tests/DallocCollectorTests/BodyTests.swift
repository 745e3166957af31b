// SPDX-License-Identifier: Apache-2.0
//
// Bodies of several devices, and what becomes of the good in them when something is not taken.

import HeapHistory
import HeapWire
import Testing

@testable import DallocCollector

struct BodyTests {
    private func hello(_ device: String, boot: UInt32 = 1) -> [UInt8] {
        let hello = OwnedHello(
            device: device, build: "1.0", boot: boot, tick: 1000, oldest: 1,
            heaps: [OwnedHello.Heap(name: "main", layout: ScriptedDevice.layout)])
        return FrameWriter.line { hello.write(to: &$0) }
    }

    /// KEYFRAMEs of an empty heap.
    private func frames(_ numbers: ClosedRange<UInt32>, heap: UInt32 = 0) -> [UInt8] {
        numbers.flatMap { number in
            FrameWriter.line { writer in
                HeapState(
                    sequence: number, heap: heap, tick: 1000, used: 0, liveBlocks: 0, peak: 0, totals: HeapTotals(),
                    lost: 0, digest: TableDigest().value
                ).writeKeyframe(layout: ScriptedDevice.layout, to: &writer)
            }
        }
    }

    @Test func aBodyMayBringAsManyNewDevicesAsItsAddress() async throws {
        let site = try BodySite()
        let (end, tally) = await site.take((0..<150).flatMap { hello("pump-\($0)") + frames(1...1) })
        let report = tally.makeReport()
        #expect(end == nil && tally.limit == nil)
        #expect(report.devices == 150 && report.frames == 150 && report.rejected == 0)
    }

    @Test func aDeviceThatIsTurnedAwayKeepsNoOtherOut() async throws {
        let site = try BodySite()
        let boots = (1...70 as ClosedRange<UInt32>).flatMap { hello("pump", boot: $0) + frames(1...20) }
        let (end, tally) = await site.take(boots + hello("fan") + frames(1...3))
        #expect(end == nil && tally.limit == .tooManyNewBoots)
        #expect(tally.lastRejection == DeviceSession.Rejection.tooManyNewBoots.words)
        #expect(tally.makeReport().frames == 60 * 20 + 3)
        #expect(site.metrics.rejectedFrames.values[.tooManyNewBoots] == 10)
    }

    @Test(arguments: [1, 2]) func whatCameBeforeNoiseIsStored(chunks: Int) async throws {
        let site = try BodySite()
        let (good, noise) = (hello("pump") + frames(1...10), (0..<70).flatMap { _ in [1, 0] as [UInt8] })
        let (end, tally) = chunks == 1 ? await site.take(good + noise) : await site.take(good, noise)
        #expect(end == .malformed && tally.makeReport().frames == 10)
        #expect(tally.lastRejection == "truncated frame")
        let again = await site.take(hello("pump") + frames(1...11))
        #expect(again.tally.makeReport().repeated == 10 && again.tally.makeReport().frames == 1)
    }

    @Test func whatIsWrongIsSaidInWords() async throws {
        let site = try BodySite()
        let (end, tally) = await site.take(
            hello("pump") + frames(1...2) + (0..<70).flatMap { _ in frames(3...3, heap: 5) })
        #expect(end == .malformed && tally.makeReport().frames == 2)
        #expect(tally.lastRejection == DeviceSession.Rejection.unknownHeap.words)
    }
}
