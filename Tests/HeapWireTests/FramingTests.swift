// SPDX-License-Identifier: Apache-2.0
//
// Stuffing and checksums against a plain implementation of the papers, and a reader that nothing upsets.

import Testing

@testable import HeapWire

/// COBS and CRC-32 written from their definitions, a bit and a block at a time.
private enum Plain {
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var state: UInt32 = .max
        for byte in bytes {
            state ^= UInt32(byte)
            for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0xEDB8_8320 : state >> 1 }
        }
        return ~state
    }

    static func frame(_ payload: [UInt8]) -> [UInt8] {
        let checksum = checksum(payload)
        let raw = payload + (0..<4).map { UInt8(checksum >> ($0 * 8) & 0xFF) }
        var line: [UInt8] = []
        var block: [UInt8] = []
        for byte in raw + [0] {
            if byte == 0 {
                line += [UInt8(block.count + 1)] + block
                block = []
            } else {
                block.append(byte)
                if block.count == 254 {
                    line += [255] + block
                    block = []
                }
            }
        }
        return line + [0]
    }
}

struct FramingTests {
    private static func random(_ count: Int, zeros: Bool = true) -> [UInt8] {
        (0..<count).map { _ in zeros && Int.random(in: 0..<4) == 0 ? 0 : .random(in: 1...255) }
    }

    private static func written(_ payload: [UInt8]) -> [UInt8] {
        FrameWriter.line { writer in for byte in payload { writer.byte(byte) } }
    }

    @Test func theChecksumIsTheOneOfZlib() {
        var checksum = CRC32()
        for byte in "123456789".utf8 { checksum.add(byte) }
        #expect(checksum.value == 0xCBF4_3926)
    }

    @Test func framesAreWhatThePapersSay() throws {
        for length in Array(1...20) + [246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 508, 509, 4096] {
            for zeros in [true, false] {
                let payload = Self.random(length, zeros: zeros)
                let line = Self.written(payload)
                #expect(line == Plain.frame(payload), "\(length) bytes")
                #expect(line.count <= FrameWriter.longest(payload: length))
                #expect(line.dropLast().allSatisfy { $0 != 0 })
                #expect(try WireText.payload(line) == payload)
            }
        }
    }

    @Test func aWindowShowsThePieceOfTheFrameThatItCovers() {
        let payload = Self.random(600, zeros: false) + Self.random(300)
        let whole = Self.written(payload)
        for length in [1, 31, 254] {
            for start in stride(from: 0, to: whole.count, by: 7) {
                var window = [UInt8](repeating: 0xAA, count: length)
                let total = window.withUnsafeMutableBufferPointer { buffer -> Int in
                    guard let base = buffer.baseAddress else { return 0 }
                    var writer = FrameWriter(window: base, start: start, length: length)
                    for byte in payload { writer.byte(byte) }
                    return writer.finish()
                }
                #expect(total == whole.count)
                let piece = whole[start..<min(start + length, whole.count)]
                #expect(Array(window.prefix(piece.count)) == Array(piece))
            }
        }
    }

    @Test func aRingIsWrittenAroundItsEnd() {
        let payload = Self.random(90)
        let whole = Self.written(payload)
        for origin in 0..<128 {
            var ring = [UInt8](repeating: 0xAA, count: 128)
            let size = ring.count
            ring.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                var writer = FrameWriter(ring: base, size: size, origin: origin, room: whole.count)
                for byte in payload { writer.byte(byte) }
                _ = writer.finish()
            }
            #expect((0..<whole.count).map { ring[(origin + $0) % size] } == whole)
            #expect(ring.filter { $0 == 0xAA }.count >= size - whole.count)
        }
    }

    /// Feeds a stream byte by byte; what came out, and what was rejected.
    private static func read(_ stream: [UInt8], capacity: Int = 4100) -> (payloads: [[UInt8]], rejected: [Malformed]) {
        var buffer = [UInt8](repeating: 0, count: capacity)
        var (payloads, rejected): ([[UInt8]], [Malformed]) = ([], [])
        buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var reader = FrameReader(buffer: base, capacity: capacity)
            for byte in stream {
                do throws(Malformed) {
                    if let length = try reader.feed(byte) { payloads.append(Array(buffer[..<length])) }
                } catch {
                    rejected.append(error)
                }
            }
        }
        return (payloads, rejected)
    }

    @Test func aReaderThatJoinsInTheMiddleIsInStepAtTheNextFrame() {
        let payloads = (0..<20).map { _ in Self.random(.random(in: 1...400)) }
        let lines = payloads.map { Self.written($0) }
        for cut in 1..<lines[0].count {
            let (found, rejected) = Self.read(Array(lines.joined().dropFirst(cut)))
            #expect(found.suffix(19) == payloads.suffix(19))
            #expect(found.count == 19 && rejected.count <= 1, "cut at \(cut)")
        }
    }

    @Test func whatIsTooLongIsSkippedAndReportedOnce() {
        let good = Self.random(40)
        let (found, rejected) = Self.read(Self.written(Self.random(3000)) + Self.written(good), capacity: 100)
        #expect(found == [good])
        #expect(rejected == [.oversizedFrame])
    }

    @Test func noChangedBytePassesAsAFrame() {
        let payload = Self.random(60)
        let line = Self.written(payload)
        var wrong = 0
        for _ in 0..<100_000 {
            var mutated = line
            for _ in 0..<Int.random(in: 1...4) {
                let place = Int.random(in: 0..<mutated.count)
                switch Int.random(in: 0..<3) {
                case 0: mutated[place] ^= 1 << UInt8.random(in: 0..<8)
                case 1: mutated.insert(.random(in: 0...255), at: place)
                default: mutated.remove(at: place)
                }
            }
            for found in Self.read(mutated).payloads where found != payload { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    @Test func randomBytesNeverTrap() {
        for _ in 0..<2000 {
            let (payloads, _) = Self.read((0..<500).map { _ in .random(in: 0...20) }, capacity: 64)
            for payload in payloads { #expect(payload.count <= 60) }
        }
    }
}
