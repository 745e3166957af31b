// SPDX-License-Identifier: Apache-2.0
//
// A spool in an array, which can be full, fail, and be as forgetful at a reset as flash is.

import CDallocAgent

final class MemorySpool {
    let functions = UnsafeMutablePointer<dalloc_spool_t>.allocate(capacity: 1)
    /// What it holds, with what was dropped and is not erased yet.
    var bytes: [UInt8] = []
    /// Bytes of them that were dropped.
    private(set) var dropped = 0
    var limit = Int.max
    /// Only whole pages are erased: what was dropped of a page is there again after a reset.
    var pageBytes = 1
    /// So many bytes are appended, and then it fails once.
    var bytesUntilFailure: Int?
    var endsFail = false
    var readsFail = false
    private(set) var parts = 0

    var isEmpty: Bool { bytes.count == dropped }
    /// What is not dropped.
    var content: [UInt8] { Array(bytes[dropped...]) }

    init(partBytes: UInt32 = 0) {
        functions.initialize(to: dalloc_spool_t())
        functions.pointee.context = Unmanaged.passUnretained(self).toOpaque()
        functions.pointee.part_bytes = partBytes
        functions.pointee.begin = { MemorySpool.of($0)?.begin(Int($1)) ?? false }
        functions.pointee.append = { context, bytes, count in
            MemorySpool.of(context)?.append(UnsafeBufferPointer(start: bytes, count: Int(count))) ?? false
        }
        functions.pointee.end = { MemorySpool.of($0)?.endsFail == false }
        functions.pointee.read = { context, offset, bytes, count in
            MemorySpool.of(context)?.read(Int(offset), UnsafeMutableBufferPointer(start: bytes, count: Int(count)))
                ?? -1
        }
        functions.pointee.drop = { MemorySpool.of($0)?.drop(Int($1)) }
    }

    deinit { functions.deallocate() }

    private static func of(_ context: UnsafeMutableRawPointer?) -> MemorySpool? {
        context.map { Unmanaged<MemorySpool>.fromOpaque($0).takeUnretainedValue() }
    }

    private func begin(_ count: Int) -> Bool {
        guard bytes.count - dropped + count <= limit else { return false }
        parts += 1
        return true
    }

    private func append(_ more: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let left = bytesUntilFailure, left < more.count else {
            bytesUntilFailure? -= more.count
            bytes += more
            return true
        }
        bytes += more.prefix(left)
        bytesUntilFailure = nil
        return false
    }

    private func read(_ offset: Int, _ buffer: UnsafeMutableBufferPointer<UInt8>) -> Int32 {
        if readsFail { return -1 }
        let piece = bytes[min(dropped + offset, bytes.count)...].prefix(buffer.count)
        _ = buffer.update(fromContentsOf: piece)
        return Int32(piece.count)
    }

    private func drop(_ count: Int) {
        precondition(count <= bytes.count - dropped, "no more is dropped than there is")
        dropped += count
        let erased = dropped / pageBytes * pageBytes
        bytes.removeFirst(erased)
        dropped -= erased
    }

    /// What was dropped of a page is not remembered.
    func reset() { dropped = 0 }
}
