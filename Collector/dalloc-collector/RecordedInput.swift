// SPDX-License-Identifier: Apache-2.0
//
// A file of frames, or standard input, a body at a time. A file is looked through before, for the ticks at its end.

internal import DallocCollector
internal import Foundation
internal import HeapHistory
internal import Synchronization

final class RecordedInput: Sendable {
    private struct State {
        var recording: Recording
        var taken = 0
        let progress = Progress()
    }

    private let descriptor: CInt
    /// Bytes of a file; 0 for what comes as a stream.
    private let size: Int
    private let state: Mutex<State>

    /// Bytes that are read at a time: the body with them stays far below what a collector takes.
    private static let piece = 1_048_576

    /// - Parameter path: `-` for standard input.
    /// - Throws: `CocoaError` or `POSIXError` when it can't be read.
    init(_ path: String, endedAt end: Timestamp?, isOneWay: Bool) throws {
        descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        var status = stat()
        fstat(descriptor, &status)
        guard status.st_mode & S_IFMT != S_IFDIR else { throw POSIXError(.EISDIR) }
        let isFile = status.st_mode & S_IFMT == S_IFREG
        size = isFile ? Int(status.st_size) : 0
        guard isFile else {
            state = Mutex(State(recording: Recording(isOneWay: isOneWay)))
            return
        }
        let look = Recording()
        while case let bytes = try Self.read(descriptor), !bytes.isEmpty { look.look(through: bytes) }
        lseek(descriptor, 0, SEEK_SET)
        let changed = Timestamp(
            microseconds: Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000)
        state = Mutex(State(recording: Recording(after: look, endedAt: end ?? changed, isOneWay: isOneWay)))
    }

    /// Devices that have greeted, and frames that can't be read, until now.
    var figures: (devices: Int, rejected: Int) {
        state.withLock { ($0.recording.deviceCount, $0.recording.rejected) }
    }

    /// The next frames, with HELLO before them; nil at the end.
    /// - Throws: `POSIXError` when they can't be read.
    func nextBody() async throws -> [UInt8]? {
        while true {
            // Standard input may be silent for hours, and must not hold a thread of Swift's pool.
            let bytes = try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async { [descriptor] in
                    continuation.resume(with: Result { try Self.read(descriptor) })
                }
            }
            guard !bytes.isEmpty else { return nil }
            let body = state.withLock { state in
                state.taken += bytes.count
                if size > 0 { state.progress.show("storing frames", min(1, Double(state.taken) / Double(size))) }
                return state.recording.body(of: bytes)
            }
            if !body.isEmpty { return body }
        }
    }

    func end() {
        state.withLock { $0.progress.end() }
        close(descriptor)
    }

    /// Empty at the end.
    private static func read(_ descriptor: CInt) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: piece) { buffer, count in
            var result = 0
            repeat {
                result = Foundation.read(descriptor, buffer.baseAddress, piece)
            } while result < 0 && errno == EINTR
            guard result >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            count = result
        }
    }
}
