// SPDX-License-Identifier: Apache-2.0
//
// A serial line with a switch in it: stands between the pseudo-terminal of a board and one of its own for the collector. A thread carries
// the bytes, loses them, or adds noise.

import Foundation
import Synchronization

final class SerialRelay: Sendable {
    private struct Control {
        var isCut = false
        var isNoisy = false
        var isOver = false
        /// Bytes of noise that the line took so far, towards the collector and towards the board.
        var noise = (up: 0, down: 0)
        /// The 100 ms that pass now, what the board has sent in them, and the most that it has sent in any.
        var window = (since: ContinuousClock.now, bytes: 0, most: 0)

        mutating func count(_ bytes: Int) {
            let now = ContinuousClock.now
            if now - window.since > .milliseconds(100) { (window.since, window.bytes) = (now, 0) }
            window.bytes += bytes
            window.most = max(window.most, window.bytes)
        }
    }

    /// For the collector to open.
    let path: String
    private let board: Int32
    private let collector: Int32
    /// The collector's side, open also while the collector has it closed.
    private let held: Int32
    private let control = Mutex(Control())

    init(to boardPath: String, seed: UInt64) throws {
        board = open(boardPath, O_RDWR | O_NOCTTY | O_NONBLOCK)
        guard board >= 0 else { throw Socket.Failure(call: "open \(boardPath)", code: errno) }
        var (master, slave) = (Int32(-1), Int32(-1))
        var name = [CChar](repeating: 0, count: 128)
        guard openpty(&master, &slave, &name, nil, nil) == 0 else { throw Socket.Failure(call: "openpty", code: errno) }
        for descriptor in [board, slave] {
            var settings = termios()
            tcgetattr(descriptor, &settings)
            cfmakeraw(&settings)
            tcsetattr(descriptor, TCSANOW, &settings)
        }
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        (collector, held) = (master, slave)
        path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        Thread.detachNewThread { self.run(SeededNumbers(state: seed)) }
    }

    /// While it is cut, what either side writes is lost.
    var isCut: Bool {
        get { control.withLock { $0.isCut } }
        set { control.withLock { $0.isCut = newValue } }
    }

    /// While it is noisy, random bytes come between those of either side, as fast as the line takes them.
    var isNoisy: Bool {
        get { control.withLock { $0.isNoisy } }
        set { control.withLock { $0.isNoisy = newValue } }
    }

    var noise: (up: Int, down: Int) { control.withLock { $0.noise } }

    /// The most bytes that the board has sent within 100 ms.
    var most: Int { control.withLock { $0.window.most } }

    func end() { control.withLock { $0.isOver = true } }

    private func run(_ seeded: SeededNumbers) {
        var random = seeded
        defer { [board, collector, held].forEach { close($0) } }
        while true {
            let (isCut, isNoisy, isOver) = control.withLock { ($0.isCut, $0.isNoisy, $0.isOver) }
            if isOver { return }
            if isNoisy {
                let added = (up: hiss(collector, &random), down: hiss(board, &random))
                control.withLock { $0.noise = ($0.noise.up + added.up, $0.noise.down + added.down) }
            }
            var polled = [board, collector].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&polled, 2, isNoisy ? 1 : 20)
            for (from, to) in [(board, collector), (collector, board)] {
                var chunk = [UInt8](repeating: 0, count: 512)
                let count = read(from, &chunk, chunk.count)
                if count > 0, from == board { control.withLock { $0.count(count) } }
                if count > 0, !isCut { _ = write(to, chunk, count) }
            }
        }
    }

    /// Up to 64 random bytes. Returns how many the line took.
    private func hiss(_ to: Int32, _ random: inout SeededNumbers) -> Int {
        let bytes = (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
        return max(0, write(to, bytes, bytes.count))
    }
}
