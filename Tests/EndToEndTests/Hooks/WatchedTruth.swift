// SPDX-License-Identifier: Apache-2.0
//
// What a watched heap really held, at moments that have a frame: see Agent/hooks/preload/preload_truth.c, and Tests/C/Hooks/record.h.

import Foundation

struct WatchedTruth {
    struct Block: Equatable, CustomStringConvertible {
        var address: UInt64
        var size: UInt32
        var description: String { "\(String(address, radix: 16)):\(size)" }
    }

    /// Of the frame that ends at this moment; 0 when there was none.
    var sequence: UInt32
    /// How many blocks are smaller than the table says, in the eyes of the allocator.
    var wrong: UInt32
    var blocks: [Block]

    static func read(_ path: String) throws -> [WatchedTruth] {
        try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes { bytes in
            var (moments, place) = ([WatchedTruth](), 0)
            func next<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
                defer { place += MemoryLayout<Number>.size }
                return bytes.loadUnaligned(fromByteOffset: place, as: type)
            }
            while place < bytes.count {
                let (sequence, count, wrong) = (next(UInt32.self), next(UInt32.self), next(UInt32.self))
                let blocks = (0..<count).map { _ in Block(address: next(UInt64.self), size: next(UInt32.self)) }
                moments.append(WatchedTruth(sequence: sequence, wrong: wrong, blocks: blocks))
            }
            return moments
        }
    }
}
