// SPDX-License-Identifier: Apache-2.0
//
// Finds out what is wrong with a serial line: takes the bytes that come and the time that passes, and says what to send, at which speed to
// listen, and when it knows enough. A state machine without I/O; what it keeps is bounded, whatever comes.

internal import HeapHistory
internal import HeapWire
internal import NIOCore

struct LineDiagnosis {
    struct Plan: Sendable {
        var path: String
        var baud: UInt32
        /// How long to listen, in seconds.
        var seconds = 15
        /// Listens for longer where frames come, but no HELLO yet.
        var isPatient = true
        /// Tries other speeds when no frame comes.
        var searches = true
        /// Ends as soon as all is well.
        var endsEarly = true
    }

    enum Action: Equatable {
        case send([UInt8])
        /// Listen at this speed from now on.
        case tune(UInt32)
        case end
    }

    private enum Phase: Equatable {
        /// At the given speed, and no frame came yet.
        case waiting
        case searching(since: Int)
        /// Frames come at this speed.
        case listening
        case over
    }

    /// Milliseconds.
    enum Time {
        /// Bytes without a frame are given so long at the given speed: a device repeats HELLO every 2 s.
        static let look = 5000
        /// And so long at each other one.
        static let dwell = 3000
        /// From the first frame on, at least.
        static let most = 8000
        static let least = 4000
        /// All is well without figures of the load, too: an idle heap tells little.
        static let idle = 12_000
        /// A one-way line repeats HELLO every 60 s.
        static let patience = 70_000
        /// A clock can be told wrong then.
        static let clock = 5000
    }

    let plan: Plan
    private var phase = Phase.waiting
    private(set) var search: BaudSearch
    /// The speed that is listened at.
    private(set) var rate: UInt32
    private var assembler = FrameAssembler()
    private(set) var impression = LineImpression()
    /// What the given speed brought, once others are tried.
    private(set) var first: (impression: LineImpression, damaged: Int)?
    private(set) var console = ConsoleText()
    private(set) var check = DeviceCheck()
    private(set) var bytes = 0
    private(set) var sound = 0
    private(set) var damaged = 0
    /// The first frame ended in the midst: that is how a line is joined.
    private var isJoined = false
    /// The last frame was damaged. One that a HELLO follows was given up by the device, and is none.
    private var isDamageHeld = false
    /// Bytes since the last zero.
    private var sinceZero = 0
    private var firstByte: Int?
    private(set) var firstSound: Int?
    private(set) var now = 0
    private var begun = 0
    /// Why the line is gone.
    private(set) var end: String?

    init(_ plan: Plan) {
        (self.plan, search, rate) = (plan, BaudSearch(after: plan.baud), plan.baud)
    }

    // MARK: What happens

    /// - Parameter time: milliseconds since the beginning.
    mutating func take(_ chunk: ByteBuffer, at time: Int) -> [Action] {
        guard phase != .over else { return [] }
        now = max(now, time)
        var (chunk, actions) = (chunk, [Action]())
        while chunk.readableBytes > 0 {
            let view = chunk.readableBytesView
            let count = view.firstIndex(of: 0).map { $0 - view.startIndex + 1 } ?? view.count
            for byte in view.prefix(count) {
                impression.note(byte)
                console.note(byte)
            }
            guard var piece = chunk.readSlice(length: count) else { break }
            bytes = bytes.addingClamped(count)
            sinceZero = sinceZero.addingClamped(count)
            if firstByte == nil { firstByte = now }
            let endsFrame = piece.readableBytesView.last == 0
            takeFrames(&piece, &actions)
            if endsFrame {
                console.endFrame(isSound: false)
                sinceZero = 0
            }
        }
        return actions
    }

    /// What is due by now.
    mutating func wait(until time: Int) -> [Action] {
        now = max(now, time)
        switch phase {
        case .over: return []
        case .waiting:
            let isOver = now >= plan.seconds * 1000
            let hasBytes = firstByte.map { now - $0 >= Time.look || isOver } ?? false
            if hasBytes, plan.searches, !impression.isText {
                first = (impression, allDamaged)
                return tryNext()
            }
            return isOver ? finish() : []
        case .searching(let since):
            if impression.isText, impression.bytes >= 64 { return finish() }
            guard now - since >= Time.dwell else { return [] }
            return impression.isText ? finish() : tryNext()
        case .listening: return isEnough ? finish() : []
        }
    }

    /// The adapter can't do the speed that it was asked for.
    mutating func cannotTune() -> [Action] {
        guard case .searching = phase else { return [] }
        search.skip()
        return tryNext()
    }

    /// The line is gone.
    mutating func lineEnded(_ why: String) -> [Action] {
        if phase != .over { end = why }
        return finish()
    }

    /// Somebody has seen enough.
    mutating func stop() -> [Action] { finish() }

    private mutating func finish() -> [Action] {
        guard phase != .over else { return [] }
        phase = .over
        return [.end]
    }

    private mutating func tryNext() -> [Action] {
        guard let next = search.next() else { return finish() }
        (assembler, impression, console) = (FrameAssembler(), LineImpression(), ConsoleText())
        (damaged, sinceZero, isDamageHeld, isJoined, rate) = (0, 0, false, false, next)
        phase = .searching(since: now)
        return [.tune(next)]
    }

    private var isEnough: Bool {
        guard let firstSound else { return false }
        let heard = now - firstSound
        if check.unheard >= 4 || check.otherVersion != nil && heard >= Time.least { return true }
        if plan.endsEarly, isWell(after: heard) { return true }
        let isWaitingForHello =
            plan.isPatient && check.hello == nil && check.badHello == nil && check.otherVersion == nil
        let whole = isWaitingForHello ? max(plan.seconds * 1000, Time.patience) : plan.seconds * 1000
        return now - begun >= whole && heard >= min(plan.seconds * 1000, Time.most)
    }

    /// Whether frames have come.
    var isListening: Bool { firstSound != nil }

    private func isWell(after heard: Int) -> Bool {
        guard heard >= Time.least, let hello = check.hello, check.frames >= 2,
            check.exact.union(check.summarized).count == hello.heaps.count,
            check.load.seconds != nil || heard >= Time.idle
        else { return false }
        // A clock that seems to be wrong is looked at for longer.
        return wrongClock(after: 0) == nil && !findings.contains { $0.isProblem }
    }

    // MARK: Frames

    private mutating func takeFrames(_ piece: inout ByteBuffer, _ actions: inout [Action]) {
        while piece.readableBytes > 0 {
            do throws(Malformed) {
                guard let payload = try assembler.next(&piece) else { break }
                takeSound(payload, &actions)
            } catch {
                takeDamaged()
            }
        }
    }

    private mutating func takeSound(_ payload: UnsafeBufferPointer<UInt8>, _ actions: inout [Action]) {
        console.endFrame(isSound: true)
        if firstSound == nil {
            firstSound = now
            if phase != .waiting { begun = now }
            phase = .listening
        }
        isJoined = true
        if isDamageHeld, payload.first != FrameType.hello.rawValue { damaged = damaged.addingClamped(1) }
        isDamageHeld = false
        sound = sound.addingClamped(1)
        actions += check.take(payload, bytes: sinceZero, at: now).map { .send($0) }
    }

    private mutating func takeDamaged() {
        if isDamageHeld { damaged = damaged.addingClamped(1) }
        isDamageHeld = isJoined
        isJoined = true
    }

    /// Frames that were damaged, with those that are forgiven among sound ones.
    var allDamaged: Int { damaged + (isJoined ? 1 : 0) + (isDamageHeld ? 1 : 0) }
}
