// SPDX-License-Identifier: Apache-2.0
//
// A line under diagnosis, in a time of its own: what a test brings on it, and what it sends.

import HeapWire
import NIOCore

@testable import DallocCollector

struct DiagnosedLine {
    var diagnosis: LineDiagnosis
    /// Milliseconds.
    private(set) var now = 0
    private(set) var sent: [Reply] = []
    /// Speeds that were switched to.
    private(set) var tuned: [UInt32] = []
    private(set) var isOver = false
    /// Speeds that the adapter can't do.
    var impossible: Set<UInt32> = []

    init(
        baud: UInt32 = 115_200, seconds: Int? = nil, searches: Bool = false, endsEarly: Bool = true
    ) {
        diagnosis = LineDiagnosis(
            LineDiagnosis.Plan(
                path: "/dev/ttyUSB0", baud: baud, seconds: seconds ?? 15, isPatient: seconds == nil,
                searches: searches, endsEarly: endsEarly))
    }

    var findings: [LineFinding] { diagnosis.findings }
    var problems: [LineFinding] { findings.filter { $0.isProblem } }
    var rate: UInt32 { tuned.last ?? diagnosis.plan.baud }

    /// - Parameter piece: bytes that are read at a time.
    mutating func bring(_ bytes: [UInt8], piece: Int = 1000) {
        var rest = bytes[...]
        while !rest.isEmpty {
            act(diagnosis.take(ByteBuffer(bytes: rest.prefix(piece)), at: now))
            rest = rest.dropFirst(piece)
        }
    }

    /// Lets time go by, as the event loop does.
    mutating func pass(_ milliseconds: Int) {
        let end = now + milliseconds
        while now < end, !isOver {
            now += 50
            act(diagnosis.wait(until: now))
        }
    }

    mutating func end(_ why: String) { act(diagnosis.lineEnded(why)) }
    mutating func stop() { act(diagnosis.stop()) }

    private mutating func act(_ actions: [LineDiagnosis.Action]) {
        for action in actions {
            switch action {
            case .send(let bytes): sent += Self.replies(bytes)
            case .tune(let baud) where impossible.contains(baud): act(diagnosis.cannotTune())
            case .tune(let baud): tuned.append(baud)
            case .end: isOver = true
            }
        }
    }

    private static func replies(_ bytes: [UInt8]) -> [Reply] {
        var (replies, buffer) = ([Reply](), ByteBuffer(bytes: bytes))
        let assembler = FrameAssembler()
        while let payload = try? assembler.next(&buffer), let base = payload.baseAddress {
            if let reply = try? Reply(payload: base, count: payload.count) { replies.append(reply) }
        }
        return replies
    }
}
