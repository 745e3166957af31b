// SPDX-License-Identifier: Apache-2.0

import Foundation
import HeapHistory
import Testing

@Suite struct HistoryCodingTests {
    private func expectRoundTrip<Value: Codable & Equatable>(_ value: Value) throws {
        for pretty in [false, true] {
            let data = try HistoryCoding.encoder(pretty: pretty).encode(value)
            #expect(try HistoryCoding.decoder().decode(Value.self, from: data) == value)
        }
    }

    @Test func everyAnswerSurvivesItsJSON() throws {
        try expectRoundTrip(DeviceList(devices: [Samples.deviceSummary]))
        try expectRoundTrip(Samples.usageHistory)
        try expectRoundTrip(Samples.snapshot)
        try expectRoundTrip(Samples.moveList)
        try expectRoundTrip(Samples.operationList)
        try expectRoundTrip(Samples.blockLife)
        try expectRoundTrip(Samples.difference)
        try expectRoundTrip(Samples.bootList)
        try expectRoundTrip(Samples.failureList)
        try expectRoundTrip(Samples.summaryList)
        try expectRoundTrip(Samples.leakList)
        try expectRoundTrip(Samples.whatIf)
        try expectRoundTrip(Samples.topList)
        try expectRoundTrip(Samples.comparison)
        try expectRoundTrip(Samples.rightSize)
        try expectRoundTrip(Samples.detail)
        try expectRoundTrip(Samples.bareDetail)
        try expectRoundTrip(DetailWish(.full))
        try expectRoundTrip(DetailWish(nil))
        try expectRoundTrip(Samples.problem)
    }

    /// Taken out of the writer in pieces, as the collector sends them.
    private func expectSameBytesInPieces(_ list: some Encodable & JSONList) throws {
        var writer = JSONWriter(reserving: 0)
        var bytes: [UInt8] = []
        func take() {
            writer.withBytes { bytes += $0 }
            writer.removeAll()
        }
        list.writeBeginning(to: &writer)
        take()
        for element in list.elements {
            element.write(to: &writer)
            take()
        }
        list.writeEnd(to: &writer)
        take()
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == String(decoding: try HistoryCoding.encoder().encode(list), as: UTF8.self))
        try expectSameBytes(list)
    }

    private func expectSameBytes(_ value: some Encodable & JSONWritable) throws {
        var writer = JSONWriter()
        value.write(to: &writer)
        #expect(
            writer.withBytes { String(decoding: $0, as: UTF8.self) }
                == String(decoding: try HistoryCoding.encoder().encode(value), as: UTF8.self))
    }

    @Test func theCollectorsWriterWritesWhatTheEncoderDoes() throws {
        try expectSameBytesInPieces(DeviceList(devices: [Samples.deviceSummary, Samples.deviceSummary]))
        try expectSameBytesInPieces(DeviceList(devices: [Samples.deviceSummary], next: "sensor \"7\""))
        try expectSameBytesInPieces(DeviceList(devices: [Samples.deviceSummary], truncated: true))
        try expectSameBytesInPieces(DeviceList(devices: []))
        try expectSameBytesInPieces(Samples.usageHistory)
        try expectSameBytesInPieces(Samples.snapshot)
        try expectSameBytesInPieces(Samples.moveList)
        try expectSameBytesInPieces(Samples.operationList)
        try expectSameBytesInPieces(Samples.bareOperationList)
        try expectSameBytesInPieces(Samples.gapList)
        try expectSameBytesInPieces(Samples.summaryList)
        try expectSameBytesInPieces(Samples.bareSummaryList)
        try expectSameBytes(Samples.detail)
        try expectSameBytes(Samples.bareDetail)
        try expectSameBytes(Samples.problem)
        var device = Samples.deviceSummary
        device.heaps = []
        for code in 0..<0x120 {
            device.id = "a/b \(String(UnicodeScalar(code) ?? "?"))\u{1F600}é"
            device.boot = UInt32(truncatingIfNeeded: code &* 0x0101_0101)
            device.firstSeen = Timestamp(microseconds: Int64(code) * 7_777_777_777_777_777 - 1_000_000_000_000_000_000)
            try expectSameBytes(device)
        }
        var heap = Samples.heapSummary
        for shift in 0..<64 {
            heap.baseAddress = Address(1 << UInt64(shift))
            heap.size = 1 << shift
            heap.used = ~heap.size
            try expectSameBytes(heap)
        }
    }

    @Test func anEntryIsThisTextExactly() throws {
        let text = String(decoding: try HistoryCoding.encoder().encode(Samples.fullEntry), as: UTF8.self)
        #expect(
            text == #"{"address":"0x20000418","allocated_at":"2026-11-23T03:12:00.000001Z","allocation":7,"#
                + #""call_site":"0x20000418","certain":true,"#
                + #""index":0,"offset":24,"owner":"0x20000418","size":61}"#)
    }

    @Test func whatIsUnknownIsAbsentAndNotNull() throws {
        let data = try HistoryCoding.encoder().encode(Samples.snapshot)
        #expect(!String(decoding: data, as: UTF8.self).contains("null"))
        let bare = String(decoding: try HistoryCoding.encoder().encode(Samples.bareGap), as: UTF8.self)
        #expect(bare == #"{"cause":"no_keyframe"}"#)
    }

    @Test func aWishForNothingIsNull() throws {
        let text = String(decoding: try HistoryCoding.encoder().encode(DetailWish(nil)), as: UTF8.self)
        #expect(text == #"{"detail":null}"#)
        #expect(throws: DecodingError.self) {
            try HistoryCoding.decoder().decode(DetailWish.self, from: Data("{}".utf8))
        }
    }

    @Test func causesAndCodesAreWrittenAsInTheSchema() throws {
        for (cause, text) in [
            (Gap.Cause.recorderOverflow, "recorder_overflow"), (.lineLoss, "line_loss"),
            (.digestMismatch, "digest_mismatch"), (.noKeyframe, "no_keyframe"), (.summarized, "summarized"),
        ] {
            #expect(cause.rawValue == text)
        }
        let text = String(decoding: try HistoryCoding.encoder().encode(Samples.problem), as: UTF8.self)
        #expect(text.contains(#""code":"unknown_in_gap""#))
    }

    @Test(arguments: [
        #"{"devices":[{}]}"#, #"{"devices":null}"#, "[]", "",
        #"{"devices":[{"id":"a","build":"","boot":-1,"link":"","labels":{},"connected":true,"first_seen":"2026-11-23","#
            + #""last_seen":"2026-11-23","heaps":[]}]}"#,
        #"{"devices":[{"id":"a","build":"","boot":1,"link":"","labels":{},"connected":true,"first_seen":"yesterday","#
            + #""last_seen":"2026-11-23","heaps":[]}]}"#,
    ])
    func whatIsNoDeviceListIsRefused(_ text: String) {
        #expect(throws: DecodingError.self) {
            try HistoryCoding.decoder().decode(DeviceList.self, from: Data(text.utf8))
        }
    }
}
