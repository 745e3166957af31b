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

    static func + (one: LineTally, other: LineTally) -> LineTally {
        LineTally(
            bytes: one.bytes + other.bytes, frames: one.frames + other.frames, resent: one.resent + other.resent,
            rejected: one.rejected.merging(other.rejected, uniquingKeysWith: +),
            repliesRejected: one.repliesRejected + other.repliesRejected,
            connections: one.connections + other.connections,
            faults: one.faults.merging(other.faults, uniquingKeysWith: +))
    }
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

    mutating func collectorWrote(_ bytes: ArraySlice<UInt8>) {
        answered.listen(bytes) { result in
            guard case .success(let payload) = result, let base = payload.baseAddress,
                let reply = try? Reply(payload: base, count: payload.count)
            else { return }
            switch reply {
            case .welcome(let welcome): acknowledge(welcome.lastStored, of: welcome.boot)
            case .ack(let ack): acknowledge(ack.sequence, of: ack.boot)
            case .request: break
            }
        }
    }

    mutating func deviceGets(_ bytes: ArraySlice<UInt8>) {
        answers.listen(bytes) { if case .failure = $0 { tally.repliesRejected += 1 } }
    }

    private mutating func acknowledge(_ sequence: UInt32, of boot: UInt32) {
        tally.acknowledged[boot] = max(tally.acknowledged[boot, default: 0], sequence)
    }
}
