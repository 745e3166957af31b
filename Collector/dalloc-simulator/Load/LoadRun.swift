// SPDX-License-Identifier: Apache-2.0
//
// Drives all connections from one thread: what is due is sent, what comes is taken, and the collector is the bottleneck.

internal import CommandSupport
internal import CEpoll
internal import Glibc

struct LoadRun {
    struct Result {
        var seconds = 0.0
        /// Acknowledged.
        var operations = 0
        var frames = 0
        /// Sent.
        var bytes = 0
        var connections = 0
        var reconnects = 0
        /// Acknowledged, and not there any more.
        var lostFrames = 0
        var latencies = Latencies()
    }

    private var connections: [LoadConnection]
    private let address: SocketAddress
    /// Frames of a connection in a second; nil: as many as are acknowledged.
    private let pace: Double?
    private let duration: UInt64
    private let poller: Int32
    private var result = Result()
    /// Of boots that are over.
    private var (finishedOperations, finishedFrames) = (0, 0)
    /// Frames that each connection may have sent before this boot.
    private var skipped: [Int]
    /// Connections that broke, and when they are tried again.
    private var broken: [(index: Int, retry: UInt64)] = []

    /// - Parameter duration: microseconds.
    init(_ connections: [LoadConnection], to address: SocketAddress, pace: Double?, duration: UInt64) throws {
        (self.connections, self.address, self.pace, self.duration) = (connections, address, pace, duration)
        skipped = Array(repeating: 0, count: connections.count)
        poller = epoll_create1(0)
        guard poller >= 0 else { throw Failure(code: ExitStatus.system, "no epoll: \(systemError())") }
    }

    /// - Parameter tell: called about once a second.
    mutating func run(_ tell: (Result) -> Void) throws -> Result {
        defer { end() }
        var signals = StopSignals()
        for index in connections.indices {
            // Only a collector that was never there ends the run.
            if index == 0 { try connect(index) } else { broken.append((index, 0)) }
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
        defer { buffer.deallocate() }
        var events = [epoll_event](repeating: epoll_event(), count: 1024)
        var start: UInt64?
        var (nextTold, nextDue): (UInt64, UInt64) = (0, 0)
        let begin = microseconds()
        while true {
            let now = microseconds()
            if start == nil, connections.allSatisfy(\.isGreeted) || now - begin > 60_000_000 { start = now }
            if let start, now - start >= duration { break }
            if signals.wait(upTo: 0) { break }
            try reconnectBroken(at: now)
            if let start, now >= nextDue {
                allow(elapsed: now - start, at: now)
                nextDue = now + 2000
            }
            if now >= nextTold {
                sum(now - (start ?? now))
                tell(result)
                nextTold = now + 1_000_000
            }
            let count = epoll_wait(poller, &events, Int32(events.count), 2)
            let then = microseconds()
            for event in events.prefix(Int(max(0, count))) { try handle(event, at: then, buffer) }
        }
        sum(microseconds() - (start ?? begin))
        return result
    }

    private func end() {
        for connection in connections where connection.descriptor >= 0 { close(connection.descriptor) }
        close(poller)
    }

    // MARK: One connection

    private mutating func connect(_ index: Int) throws {
        guard let descriptor = address.connect() else {
            throw Failure(
                code: ExitStatus.unavailable,
                "connection \(index + 1) can't be made: \(systemError()); is the collector up?")
        }
        try greet(index, descriptor)
    }

    private mutating func greet(_ index: Int, _ descriptor: Int32) throws {
        connections[index].connect(descriptor)
        try watch(index, EPOLL_CTL_ADD, isWriting: true)
    }

    private mutating func watch(_ index: Int, _ operation: Int32, isWriting: Bool) throws {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (isWriting ? EPOLLOUT.rawValue : 0)
        event.data.u32 = UInt32(index)
        guard epoll_ctl(poller, operation, connections[index].descriptor, &event) == 0 else {
            throw Failure(code: ExitStatus.system, "epoll: \(systemError())")
        }
        connections[index].isWatchedForWriting = isWriting
    }

    private mutating func handle(_ event: epoll_event, at now: UInt64, _ buffer: UnsafeMutableRawBufferPointer) throws {
        let index = Int(event.data.u32)
        guard connections[index].descriptor >= 0 else { return }
        if event.events & ~EPOLLOUT.rawValue != 0 {
            let isOpen = connections[index].read(at: now, buffer) { result.latencies.add($0) }
            guard isOpen else { return reconnect(index) }
        }
        if connections[index].isAtEnd {
            finishedOperations += connections[index].operationsAcknowledged
            finishedFrames += connections[index].acknowledged
            skipped[index] += connections[index].acknowledged
            connections[index].beginAnew()
        }
        if pace == nil { connections[index].allow(Int.max) }
        try write(index, at: now)
    }

    private mutating func write(_ index: Int, at now: UInt64) throws {
        if connections[index].wantsToWrite {
            guard let count = connections[index].write(at: now) else { return reconnect(index) }
            result.bytes += count
        }
        let isWriting = connections[index].wantsToWrite
        if isWriting != connections[index].isWatchedForWriting { try watch(index, EPOLL_CTL_MOD, isWriting: isWriting) }
    }

    private mutating func reconnect(_ index: Int) {
        close(connections[index].descriptor)
        connections[index].disconnect()
        result.reconnects += 1
        broken.append((index, microseconds() + 50_000))
    }

    private mutating func reconnectBroken(at now: UInt64) throws {
        while let next = broken.first, next.retry <= now {
            broken.removeFirst()
            guard let descriptor = address.connect() else {
                broken.append((next.index, now + 50_000))
                continue
            }
            try greet(next.index, descriptor)
        }
    }

    // MARK: All of them

    /// What is due by now. Connections are spread evenly over the time between two frames.
    private mutating func allow(elapsed: UInt64, at now: UInt64) {
        guard let pace else {
            for index in connections.indices where !connections[index].isWatchedForWriting {
                connections[index].allow(Int.max)
                if connections[index].wantsToWrite { try? write(index, at: now) }
            }
            return
        }
        for index in connections.indices {
            let share = Double(index) / Double(connections.count)
            connections[index].allow(Int(Double(elapsed) / 1_000_000 * pace + share) - skipped[index])
            if connections[index].wantsToWrite, !connections[index].isWatchedForWriting { try? write(index, at: now) }
        }
    }

    private mutating func sum(_ elapsed: UInt64) {
        result.seconds = Double(elapsed) / 1_000_000
        result.operations = connections.reduce(finishedOperations) { $0 + $1.operationsAcknowledged }
        result.frames = connections.reduce(finishedFrames) { $0 + $1.acknowledged }
        result.connections = connections.count(where: \.isGreeted)
        result.lostFrames = connections.reduce(0) { $0 + $1.lostFrames }
    }
}

func systemError() -> String { String(cString: strerror(errno)) }
