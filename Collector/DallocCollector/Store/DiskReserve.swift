// SPDX-License-Identifier: Apache-2.0
//
// Space that is set apart beside the database, so that retention can work on a disk that is full.

internal import CFileStatus
internal import Foundation
internal import Glibc
internal import Synchronization

final class DiskReserve: Sendable {
    private struct State {
        var isHeld = false
        /// It existed once: while the disk can't give it back, nothing new is stored.
        var isWanted = false
        var hasKeeper = false
    }

    /// What one sweep of retention writes before its space is given back.
    private static let bytes: off_t = 16_777_216

    private let path: String
    private let state = Mutex(State())

    init(path: String) {
        self.path = path
    }

    /// A caller that makes room calls ``take()`` afterwards: only that caller may.
    func keep() { state.withLock { $0.hasKeeper = true } }

    /// Whether ingestion may go on.
    func isReady() -> Bool {
        let hasKeeper = state.withLock { $0.hasKeeper }
        return hasKeeper ? state.withLock { $0.isHeld || !$0.isWanted } : take()
    }

    /// Takes the space. False when the disk doesn't have it any more; true also where it never had it.
    @discardableResult
    func take() -> Bool {
        state.withLock { state in
            if state.isHeld { return true }
            state.isHeld = allocate()
            state.isWanted = state.isWanted || state.isHeld
            return state.isHeld || !state.isWanted
        }
    }

    /// Releases the space, so that room can be made.
    func release() {
        state.withLock { state in
            guard state.isHeld else { return }
            unlink(path)
            state.isHeld = false
        }
    }

    /// Whether a file can't grow now. SQLite tells of a full disk, but not of a quota: that is an I/O error to it like any other.
    func isDiskFull() -> Bool {
        let probe = path + "-probe"
        let descriptor = open(probe, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else { return errno == ENOSPC || errno == EDQUOT }
        defer {
            close(descriptor)
            unlink(probe)
        }
        let error = posix_fallocate(descriptor, 0, 65_536)
        return error == ENOSPC || error == EDQUOT
    }

    private func allocate() -> Bool {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o644)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Only a file of our own is grown, and removed later.
        var status = file_status_t()
        guard file_status_of_open(descriptor, &status) == 0, status.is_regular, status.names == 1 else {
            return false
        }
        guard posix_fallocate(descriptor, 0, Self.bytes) == 0 else {
            unlink(path)
            return false
        }
        return true
    }
}
