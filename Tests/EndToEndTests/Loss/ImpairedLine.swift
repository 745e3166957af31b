// SPDX-License-Identifier: Apache-2.0
//
// A bad line: a device connects to it over TCP, it connects to the collector, and an ``Impairment`` stands between the two in each
// direction. One connection at a time, carried by a thread of its own.

import Foundation
import Synchronization

final class ImpairedLine: Sendable {
    private struct Control {
        var rate: Double
        var cuts = 0
        var isOver = false
        var tally = LineTally()
        var atAcknowledgement: (@Sendable () -> Void)?
    }

    /// Where the device finds the line.
    let port: Int
    private let listener: Int32
    /// A byte in this pipe ends the thread's wait.
    private let wakeReader: Int32
    private let wakeWriter: Int32
    private let control: Mutex<Control>

    /// - Parameter rate: faults per byte.
    init(to target: Int, seed: UInt64, rate: Double) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Socket.Failure(call: "pipe", code: errno) }
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        (wakeReader, wakeWriter) = (ends[0], ends[1])
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withSocketAddress(&address) {
            bind(listener, $0, length) != 0 || listen(listener, 8) != 0 || getsockname(listener, $0, &length) != 0
        }
        if failed { throw Socket.Failure(call: "listen", code: errno) }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        control = Mutex(Control(rate: rate))
        Thread.detachNewThread { self.run(target, seed) }
    }

    /// Faults per byte from now on.
    var rate: Double {
        get { control.withLock { $0.rate } }
        set { change { $0.rate = newValue } }
    }

    var tally: LineTally { control.withLock { $0.tally } }

    /// Breaks the connection that there is now.
    func cut() { change { $0.cuts += 1 } }

    /// Does this as soon as the collector's next acknowledgement has come, before anything else happens on the line.
    func atNextAcknowledgement(_ action: @escaping @Sendable () -> Void) {
        control.withLock { $0.atAcknowledgement = action }
    }

    /// Ends the line; its thread and descriptors go.
    func end() { change { $0.isOver = true } }

    private func change(_ body: (inout Control) -> Void) {
        control.withLock { body(&$0) }
        var byte: UInt8 = 1
        _ = write(wakeWriter, &byte, 1)
    }

    // MARK: The thread

    /// One direction: what came in has been impaired, and waits to go out.
    private struct Lane {
        let from: Int32
        let to: Int32
        var waiting: [UInt8] = []

        var events: Int16 { waiting.count < 65_536 ? Int16(POLLIN) : 0 }
    }

    private func run(_ target: Int, _ seed: UInt64) {
        var faults = (up: Impairment(seed: seed, direction: 0), down: Impairment(seed: seed, direction: 1))
        var taps = LineTaps()
        var lanes: (up: Lane, down: Lane)?
        var cuts = 0
        defer { [listener, wakeReader, wakeWriter].forEach { close($0) } }

        func disconnect() {
            guard let open = lanes else { return }
            [open.up.from, open.up.to].forEach { close($0) }
            lanes = nil
            faults.up.reset()
            faults.down.reset()
        }

        while true {
            wait(lanes)
            let (rate, wanted, isOver) = control.withLock { ($0.rate, $0.cuts, $0.isOver) }
            if wanted != cuts || isOver { disconnect() }
            cuts = wanted
            if isOver { return }
            if lanes == nil, let connection = connect(to: target) {
                lanes = (
                    Lane(from: connection.device, to: connection.collector),
                    Lane(from: connection.collector, to: connection.device)
                )
                taps.connect()
            }
            if var open = lanes {
                let isUp =
                    carry(&open.up) {
                        taps.deviceWrote($0)
                        var output: [UInt8] = []
                        let isWhole = faults.up.pass($0, rate: rate, to: &output)
                        taps.collectorGets(output[...])
                        return (output, isWhole)
                    }
                    && carry(&open.down) {
                        if taps.collectorWrote($0) { self.acknowledged() }
                        var output: [UInt8] = []
                        let isWhole = faults.down.pass($0, rate: rate, to: &output)
                        taps.deviceGets(output[...])
                        return (output, isWhole)
                    }
                lanes = open
                if !isUp { disconnect() }
            }
            taps.tally.faults = faults.up.counts.merging(faults.down.counts, uniquingKeysWith: +)
            control.withLock { $0.tally = taps.tally }
        }
    }

    private func acknowledged() {
        let action = control.withLock { control in
            defer { control.atAcknowledgement = nil }
            return control.atAcknowledgement
        }
        action?()
    }

    /// Returns when there is something to do.
    private func wait(_ lanes: (up: Lane, down: Lane)?) {
        var polled = [pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0)]
        if let (up, down) = lanes {
            for (lane, back) in [(up, down), (down, up)] {
                let events = lane.events | (back.waiting.isEmpty ? 0 : Int16(POLLOUT))
                polled.append(pollfd(fd: lane.from, events: events, revents: 0))
            }
        } else {
            polled.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
        }
        poll(&polled, nfds_t(polled.count), -1)
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(wakeReader, &bytes, bytes.count) > 0 {}
    }

    /// Reads what there is, and writes what can be written. False when the connection is over.
    private func carry(_ lane: inout Lane, _ impair: (ArraySlice<UInt8>) -> ([UInt8], Bool)) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        if lane.events != 0 {
            let count = recv(lane.from, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count == 0 || (count < 0 && errno != EAGAIN) { return false }
            if count > 0 {
                let (output, isWhole) = impair(chunk[..<count])
                lane.waiting += output
                if !isWhole { return false }
            }
        }
        guard !lane.waiting.isEmpty else { return true }
        let count = send(lane.to, lane.waiting, lane.waiting.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        if count < 0 { return errno == EAGAIN }
        lane.waiting.removeFirst(count)
        return true
    }

    /// The next device that waits, and a connection to the collector for it. Nil when there is none, or the collector is down.
    private func connect(to target: Int) -> (device: Int32, collector: Int32)? {
        var polled = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, 0) == 1 else { return nil }
        let device = accept(listener, nil, nil)
        guard device >= 0 else { return nil }
        let collector = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(target)
        let isReached = withSocketAddress(&address) {
            Foundation.connect(collector, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
        guard isReached else {
            [device, collector].forEach { close($0) }
            return nil
        }
        return (device, collector)
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}

private func withSocketAddress<Result>(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
) -> Result {
    withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
}
