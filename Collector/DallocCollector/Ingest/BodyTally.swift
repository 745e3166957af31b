// SPDX-License-Identifier: Apache-2.0
//
// What has come of a body of frames, or of a recording, for its answer.

internal import HeapHistory

/// One task uses it.
final class BodyTally {
    private var devices: Set<String> = []
    private var report = IngestReport()
    /// Frames were taken that no reply has told of.
    var isUnanswered = false

    /// Why the last frame that was rejected was, in words.
    private(set) var lastRejection: String?
    /// The limit for which not all of it was taken: it may be taken later.
    var limit: DeviceSession.Rejection?

    /// It comes from a file of this machine, with as many devices as it likes.
    let isRecording: Bool

    init(isRecording: Bool = false) { self.isRecording = isRecording }

    var hasGreeted: Bool { !devices.isEmpty }

    func greet(_ device: String) { devices.insert(device) }
    func repeatFrame() { report.repeated += 1 }
    func passOver() { report.outOfOrder += 1 }

    func reject(_ words: String? = nil) {
        report.rejected += 1
        lastRejection = words ?? lastRejection
    }

    func store(_ frames: [IngestedFrame]) {
        report.frames += frames.count
        report.gaps += frames.count { $0.beginsGap }
    }

    func makeReport() -> IngestReport {
        var report = report
        report.devices = devices.count
        return report
    }
}
