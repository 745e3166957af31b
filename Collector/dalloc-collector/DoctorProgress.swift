// SPDX-License-Identifier: Apache-2.0
//
// How far the doctor is, in one line on stderr; on a terminal only.

internal import CommandSupport
internal import DallocCollector
internal import Synchronization

final class DoctorProgress: Sendable {
    private let line = Mutex(Progress())

    func show(_ progress: LineProgress) {
        let frames = progress.frames == 1 ? "1 frame" : "\(progress.frames.grouped) frames"
        line.withLock {
            $0.show(
                "listening at \(progress.baud) baud: \(progress.bytes.grouped) bytes, \(frames), "
                    + "\(progress.milliseconds / 1000) s")
        }
    }

    func end() { line.withLock { $0.end() } }
}
