// SPDX-License-Identifier: Apache-2.0
//
// Numbers, owners and whole payloads: round trips, cut short, and mutated.

import Testing

@testable import HeapWire

struct CodecTests {
    private func withReader<Value>(_ bytes: [UInt8], _ body: (inout PayloadReader) throws -> Value) throws -> Value {
        try bytes.withUnsafeBufferPointer { buffer in
            var reader = PayloadReader(try #require(buffer.baseAddress), count: buffer.count)
            return try body(&reader)
        }
    }

    private func varint(_ value: UInt64) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: Varint.longest)
        let length = room.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { Varint.write(value, to: $0) } ?? 0
        }
        return Array(room[..<length])
    }

    @Test func varintsRoundTripAtEveryLength() throws {
        for shift in 0..<64 {
            for value in [UInt64(1) << shift, (UInt64(1) << shift) - 1, UInt64.max >> shift] {
                let bytes = varint(value)
                #expect(bytes.count == max(1, (value.bitWidth - value.leadingZeroBitCount + 6) / 7))
                #expect(try withReader(bytes) { try $0.varint() } == value)
                for length in 1..<bytes.count {
                    #expect(throws: Malformed.truncatedField) {
                        try withReader(Array(bytes[..<length])) { try $0.varint() }
                    }
                }
            }
        }
        #expect(throws: Malformed.valueOutOfRange) {
            try withReader([UInt8](repeating: 0xFF, count: 9) + [2]) { try $0.varint() }
        }
    }

    @Test func zigzagOrdersByMagnitude() {
        #expect([0, -1, 1, -2, 2].map { Varint.zigzag($0) } == [0, 1, 2, 3, 4])
        for value in [Int64.min, .max, -1 << 40, 12_345] { #expect(Varint.unzigzag(Varint.zigzag(value)) == value) }
    }

    @Test(arguments: [4, 8] as [UInt32]) func ownersRoundTripWhereverTheyAre(width: UInt32) throws {
        let high = width == 8 ? UInt64.max : UInt64(UInt32.max)
        var owners: [UInt64] = [0, 1, 3, 8, high, high - 7, 0x2000_0000, 0x2000_0008, 0, 0x2000_0004, 0x2000_0005]
        owners += (0..<500).map { _ in .random(in: 1...high) >> UInt64.random(in: 0..<20) }
        let layout = HeapLayout(
            existing: 0x2000_0000, size: 4096, alignment: 4, tableSize: 65535, pointerWidth: width, traits: .none)
        let entries = owners.map { owner in
            TableEntry(size: UInt32.random(in: 0 ... .max) >> UInt32.random(in: 0..<32) | 1, gap: 0, owner: owner)
        }
        let state = HeapState(
            sequence: 1, heap: 0, tick: 0, used: 0, liveBlocks: 0, peak: 0, totals: HeapTotals(), lost: 0, digest: 0)
        let payload = FrameWriter.payload { state.writeKeyframe(entries, layout: layout, to: &$0) }
        let read = try payload.withUnsafeBufferPointer { buffer in
            let base = try #require(buffer.baseAddress)
            var reader = try #require(try StateFrame(payload: base, count: buffer.count).entries(in: layout))
            var read: [TableEntry] = []
            while let entry = try reader.next() { read.append(entry) }
            return read
        }
        #expect(read == entries)
    }

    /// MurmurHash3_x86_32 after its reference, a block at a time.
    @Test func theDigestIsMurmurHash3() {
        func murmur(_ data: [UInt8]) -> UInt32 {
            func rotate(_ value: UInt32, _ by: UInt32) -> UInt32 { value << by | value >> (32 - by) }
            var hash: UInt32 = 0
            for block in stride(from: 0, to: data.count, by: 4) {
                let key = (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[block + $1]) << UInt32($1 * 8) }
                hash ^= rotate(key &* 0xcc9e_2d51, 15) &* 0x1b87_3593
                hash = rotate(hash, 13) &* 5 &+ 0xe654_6b64
            }
            hash ^= UInt32(data.count)
            hash = (hash ^ hash >> 16) &* 0x85eb_ca6b
            hash = (hash ^ hash >> 13) &* 0xc2b2_ae35
            return hash ^ hash >> 16
        }
        // A published answer: four bytes of 0x21 0x43 0x65 0x87 with seed 0.
        #expect(murmur([0x21, 0x43, 0x65, 0x87]) == 0xF55B_516B)
        var (digest, bytes) = (TableDigest(), [UInt8]())
        #expect(digest.value == 0)
        for _ in 0..<200 {
            let (size, owner) = (UInt32.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))
            digest.add(size: size, owner: owner)
            bytes += (0..<4).map { UInt8(size >> ($0 * 8) & 255) } + (0..<8).map { UInt8(owner >> ($0 * 8) & 255) }
            #expect(digest.value == murmur(bytes))
        }
    }

    @Test func capabilitiesAreReadAsTheyAreWritten() throws {
        for value: UInt64 in [0, 1, 0x80, 0x100, 0xFFFF_0000, .max] {
            var hello = OwnedHello(device: "a", boot: 1, tick: 0, heaps: [])
            hello.capabilities = Capabilities(rawValue: value)
            let payload = FrameWriter.payload { hello.write(to: &$0) }
            let read = try payload.withUnsafeBufferPointer {
                try Hello(payload: #require($0.baseAddress), count: $0.count).capabilities
            }
            #expect(read.rawValue == value)
        }
        let plain = FrameWriter.payload { OwnedHello(device: "a", boot: 1, tick: 0, heaps: []).write(to: &$0) }
        #expect(plain.count == 13, "a device without capabilities pays nothing")
    }

    @Test func capabilitiesFromTheSixtyFifthOnAreDropped() throws {
        var payload = FrameWriter.payload { OwnedHello(device: "a", boot: 1, tick: 0, heaps: []).write(to: &$0) }
        // The third one is unassigned.
        payload += [1, 9, 4, 0, 0, 0, 0, 0, 0, 0, 255]
        let read = try payload.withUnsafeBufferPointer {
            try Hello(payload: #require($0.baseAddress), count: $0.count).capabilities
        }
        #expect(read.rawValue == 4)
        #expect(read.intersection(.known) == .none)
    }

    @Test func whatIsCutShortOrChangedNeverTraps() throws {
        let layout = try #require(SpecificationTests.layout(0))
        for example in SpecificationTests.examples {
            let payload = try #require(try WireText.payload(example.bytes))
            for length in 0..<payload.count { _ = try? WireText.read(Array(payload[..<length]), layout: layout) }
            for _ in 0..<20_000 {
                var mutated = payload
                for _ in 0..<Int.random(in: 1...6) {
                    mutated[Int.random(in: 0..<mutated.count)] = .random(in: 0...255)
                }
                guard let (_, again) = try? WireText.read(mutated, layout: layout) else { continue }
                // What is understood means the same when it is written again.
                let second = try #require(try WireText.payload(again))
                #expect(
                    try WireText.read(second, layout: layout).lines == WireText.read(mutated, layout: layout).lines)
            }
        }
    }
}
