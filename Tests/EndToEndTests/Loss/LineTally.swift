// SPDX-License-Identifier: Apache-2.0
//
// What went over a line: what either side said, and what became of it on the way.

import HeapWire

struct LineTally {
    /// Bytes from the device, before anything happened to them.
    var bytes = 0
    /// Frames that the device wrote for the first time, and again.
    var frames = 0
    var resent = 0
    /// Frames from the device that arrive broken, by reason; and those of the collector.
    var rejected: [String: Int] = [:]
    var repliesRejected = 0
    var connections = 0
    var faults: [Impairment.Fault: Int] = [:]
    /// By boot: the last frame that the device has written, and that the collector has acknowledged.
    var furthest: [UInt32: UInt32] = [:]
    var acknowledged: [UInt32: UInt32] = [:]
}

/// Fills a ``LineTally`` from the four places where a line can be listened to.
struct LineTaps {
    var tally = LineTally()
    private let sent = FrameTap()
    private let arriving = FrameTap()
    private let answered = FrameTap()
    private let answers = FrameTap()
    private var boot: UInt32 = 0

    mutating func connect() {
        tally.connections += 1
        boot = 0
        for tap in [sent, arriving, answered, answers] { tap.reset() }
    }

    mutating func deviceWrote(_ bytes: ArraySlice<UInt8>) {
        tally.bytes += bytes.count
        sent.listen(bytes) { result in
            guard case .success(let payload) = result, let base = payload.baseAddress else { return }
            if let hello = try? Hello(payload: base, count: payload.count) {
                boot = hello.boot
            } else if let frame = try? StateFrame(payload: base, count: payload.count) {
                if frame.state.sequence > tally.furthest[boot, default: 0] {
                    tally.furthest[boot] = frame.state.sequence
                    tally.frames += 1
                } else {
                    tally.resent += 1
                }
            }
        }
    }

    mutating func collectorGets(_ bytes: ArraySlice<UInt8>) {
        arriving.listen(bytes) {
            if case .failure(let malformed) = $0 { tally.rejected["\(malformed.words)", default: 0] += 1 }
        }
    }

    /// True when it acknowledges something that was not acknowledged before.
    mutating func collectorWrote(_ bytes: ArraySlice<UInt8>) -> Bool {
        var isProgress = false
        answered.listen(bytes) { result in
            guard case .success(let payload) = result, let base = payload.baseAddress,
                let reply = try? Reply(payload: base, count: payload.count)
            else { return }
            switch reply {
            case .welcome(let welcome): isProgress = acknowledge(welcome.lastStored, of: welcome.boot) || isProgress
            case .ack(let ack): isProgress = acknowledge(ack.sequence, of: ack.boot) || isProgress
            case .request, .refuse: break
            }
        }
        return isProgress
    }

    mutating func deviceGets(_ bytes: ArraySlice<UInt8>) {
        answers.listen(bytes) { if case .failure = $0 { tally.repliesRejected += 1 } }
    }

    private mutating func acknowledge(_ sequence: UInt32, of boot: UInt32) -> Bool {
        guard sequence > tally.acknowledged[boot, default: 0] else { return false }
        tally.acknowledged[boot] = sequence
        return true
    }
}
