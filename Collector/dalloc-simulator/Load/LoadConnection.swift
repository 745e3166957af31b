// SPDX-License-Identifier: Apache-2.0
//
// One connection of the load generator: greets, sends the frames of a prepared stream, and takes acknowledgements.

internal import Glibc
internal import HeapWire

struct LoadConnection {
    let device: String
    let stream: PreparedStream
    private(set) var descriptor: Int32 = -1
    private var boot: UInt32
    /// What is left of HELLO.
    private var greeting: ArraySlice<UInt8> = []
    private var isWelcome = false
    /// Bytes of the stream that are sent, and frames of it that may be, that are, and that are acknowledged.
    private var sentBytes = 0
    private var allowed = 0
    private var sent = 0
    private(set) var acknowledged = 0
    /// Frames that were acknowledged, and that the collector did not have when it was asked again.
    private(set) var lostFrames = 0
    /// When each frame that is not acknowledged yet went out, the oldest first.
    private var sendTimes: ArraySlice<UInt64> = []
    private var reply: [UInt8] = []
    /// The loop waits for room in the socket.
    var isWatchedForWriting = false

    /// Frames on their way at most: what a device has room for.
    static let window = 32

    /// Nothing is waited for: what is sent counts as acknowledged.
    private let isBlind: Bool

    init(device: String, boot: UInt32, stream: PreparedStream, isBlind: Bool) {
        (self.device, self.boot, self.stream, self.isBlind) = (device, boot, stream, isBlind)
    }

    var operationsAcknowledged: Int { acknowledged == 0 ? 0 : stream.operations[acknowledged - 1] }
    var isAtEnd: Bool { acknowledged == stream.count }
    var isGreeted: Bool { isWelcome }

    /// The socket was closed, or refused.
    mutating func disconnect() {
        descriptor = -1
        isWelcome = false
        greeting = []
    }

    /// Takes a socket that is connecting.
    mutating func connect(_ socket: Int32) {
        descriptor = socket
        greet()
    }

    private mutating func greet() {
        let tick = sent == 0 ? 0 : stream.ticks[sent - 1]
        greeting = stream.heap.hello(device: device, boot: boot, tick: tick)[...]
        isWelcome = isBlind
        reply = []
    }

    /// All frames were acknowledged: another boot sends them again.
    mutating func beginAnew() {
        boot &+= 1
        (sentBytes, allowed, sent, acknowledged) = (0, 0, 0, 0)
        sendTimes = []
        greet()
    }

    /// True while there is something to write.
    var wantsToWrite: Bool {
        guard isWelcome, greeting.isEmpty else { return !greeting.isEmpty }
        return sentBytes < end
    }

    /// Where what may be sent now ends.
    private var end: Int {
        let last = min(allowed, acknowledged + Self.window, stream.count)
        return last == 0 ? 0 : stream.ends[last - 1]
    }

    /// - Parameter frames: of the stream, from its beginning, that may have been sent by now.
    mutating func allow(_ frames: Int) { allowed = max(allowed, frames) }

    /// Writes what the socket takes. Returns the bytes; nil when the connection is over.
    mutating func write(at now: UInt64) -> Int? {
        if !greeting.isEmpty {
            let count = greeting.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Self.flags) }
            if count < 0 { return errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN ? 0 : nil }
            greeting = greeting.dropFirst(count)
            return count
        }
        guard isWelcome, sentBytes < end else { return 0 }
        let count = stream.bytes.withUnsafeBytes {
            send(descriptor, $0.baseAddress?.advanced(by: sentBytes), end - sentBytes, Self.flags)
        }
        if count < 0 { return errno == EAGAIN ? 0 : nil }
        sentBytes += count
        while sent < stream.count, stream.ends[sent] <= sentBytes {
            sent += 1
            if !isBlind { sendTimes.append(now) }
        }
        if isBlind { acknowledged = sent }
        return count
    }

    /// Reads what has come; tells how long each newly acknowledged frame took. False when the connection is over.
    mutating func read(at now: UInt64, _ buffer: UnsafeMutableRawBufferPointer, _ took: (UInt64) -> Void) -> Bool {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count == 0 { return false }
            if count < 0 { return errno == EAGAIN }
            for byte in buffer[..<count] {
                reply.append(byte)
                guard byte == 0 else { continue }
                hear(now, took)
                reply.removeAll(keepingCapacity: true)
            }
            if count < buffer.count { return true }
        }
    }

    /// Sends what the collector does not have, once more where it was on its way.
    private mutating func goOn(after stored: Int) {
        isWelcome = true
        lostFrames += max(0, acknowledged - stored)
        acknowledged = min(stored, stream.count)
        sent = acknowledged
        sentBytes = sent == 0 ? 0 : stream.ends[sent - 1]
        sendTimes = []
    }

    private mutating func hear(_ now: UInt64, _ took: (UInt64) -> Void) {
        let heard = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { buffer -> Reply? in
            guard let base = buffer.baseAddress else { return nil }
            var reader = FrameReader(buffer: base, capacity: 64)
            for byte in reply {
                if let count = try? reader.feed(byte) { return try? Reply(payload: base, count: count) }
            }
            return nil
        }
        switch heard {
        case .welcome(let welcome) where welcome.boot == boot: goOn(after: Int(welcome.lastStored))
        case .ack(let ack) where ack.boot == boot:
            let new = min(Int(ack.sequence), sent)
            while acknowledged < new, let time = sendTimes.first {
                took(now - time)
                sendTimes = sendTimes.dropFirst()
                acknowledged += 1
            }
        default: break
        }
    }

    private static let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
}
