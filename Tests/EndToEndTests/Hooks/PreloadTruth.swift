// SPDX-License-Identifier: Apache-2.0
//
// What Agent/hooks/preload/preload_truth.c wrote: the table of a process at moments that have a frame.

import Foundation

struct PreloadTruth {
    struct Block: Equatable, CustomStringConvertible {
        var address: UInt64
        var size: UInt32
        var description: String { "\(String(address, radix: 16)):\(size)" }
    }

    /// Of the frame that ends at this moment; 0 when there was none.
    var sequence: UInt32
    /// Blocks that are smaller than the table says, in the eyes of the allocator.
    var wrong: UInt32
    var blocks: [Block]

    static func read(_ path: String) throws -> [PreloadTruth] {
        try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes { bytes in
            var (moments, place) = ([PreloadTruth](), 0)
            func next<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
                defer { place += MemoryLayout<Number>.size }
                return bytes.loadUnaligned(fromByteOffset: place, as: type)
            }
            while place < bytes.count {
                let (sequence, count, wrong) = (next(UInt32.self), next(UInt32.self), next(UInt32.self))
                let blocks = (0..<count).map { _ in Block(address: next(UInt64.self), size: next(UInt32.self)) }
                moments.append(PreloadTruth(sequence: sequence, wrong: wrong, blocks: blocks))
            }
            return moments
        }
    }
}
