// SPDX-License-Identifier: Apache-2.0
//
// COBS and CRC-32 from their definitions, over whole frames at a time: what a reader that takes byte after byte is held to.

import HeapWire

enum PlainFraming {
    enum Outcome: Equatable {
        case payload([UInt8])
        case rejected(Malformed)
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var state: UInt32 = .max
        for byte in bytes {
            state ^= UInt32(byte)
            for _ in 0..<8 { state = state & 1 == 1 ? state >> 1 ^ 0xEDB8_8320 : state >> 1 }
        }
        return ~state
    }

    /// A frame without the zero that ends it.
    static func line(_ payload: [UInt8]) -> [UInt8] {
        let checksum = checksum(payload)
        var line: [UInt8] = []
        var block: [UInt8] = []
        for byte in payload + (0..<4).map({ UInt8(checksum >> ($0 * 8) & 0xFF) }) {
            if byte != 0 { block.append(byte) }
            guard byte == 0 || block.count == 254 else { continue }
            line += [UInt8(block.count + 1)] + block
            block = []
        }
        return line + [UInt8(block.count + 1)] + block
    }

    /// What the bytes between two zeros are; nil when there are none.
    static func read(_ line: ArraySlice<UInt8>, capacity: Int) -> Outcome? {
        var (raw, index, isBroken): ([UInt8], Int, Bool) = ([], line.startIndex, false)
        while index < line.endIndex {
            let code = line[index]
            let block = line[(index + 1)...].prefix(Int(code) - 1)
            isBroken = block.count < Int(code) - 1
            raw += block
            index += Int(code)
            if code < 255, index < line.endIndex { raw.append(0) }
        }
        if line.isEmpty { return nil }
        if raw.count > capacity { return .rejected(.oversizedFrame) }
        if isBroken { return .rejected(.brokenStuffing) }
        guard raw.count > WireLimits.checksum else { return .rejected(.truncatedFrame) }
        let payload = raw.dropLast(WireLimits.checksum)
        let stated = raw.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return stated == checksum(payload) ? .payload(Array(payload)) : .rejected(.checksumMismatch)
    }
}
