// SPDX-License-Identifier: Apache-2.0
//
// A serial line as a person wires it: stands between a device's pseudo-terminal and one of its own for the doctor. It may carry bytes in
// one direction only, lose some, or carry them at one speed: the kernel tells at which speed the doctor has opened its side.

import Foundation
import Synchronization
import TestSupport

final class BadSerialLine: Sendable {
    struct Fault: Sendable {
        /// At any other speed, bytes arrive as others.
        var speed: speed_t?
        var isDeaf = false
        /// Of so many bytes to the doctor one is lost.
        var lossOfOneIn: Int?
    }

    /// For the doctor to open.
    let path: String
    private let device: Int32
    private let doctor: Int32
    /// The doctor's side, open also while the doctor has it closed.
    private let held: Int32
    private let isOver = Mutex(false)

    /// - Parameter devicePath: the device's line; without one the test is the device, and writes with ``send(_:)``.
    init(to devicePath: String? = nil, _ fault: Fault = Fault()) throws {
        device = devicePath.map { open($0, O_RDWR | O_NOCTTY | O_NONBLOCK) } ?? -1
        if let devicePath, device < 0 { throw Socket.Failure(call: "open \(devicePath)", code: errno) }
        var (master, slave) = (Int32(-1), Int32(-1))
        var name = [CChar](repeating: 0, count: 128)
        guard openpty(&master, &slave, &name, nil, nil) == 0 else { throw Socket.Failure(call: "openpty", code: errno) }
        for descriptor in [device, slave] where descriptor >= 0 {
            var settings = termios()
            tcgetattr(descriptor, &settings)
            cfmakeraw(&settings)
            tcsetattr(descriptor, TCSANOW, &settings)
        }
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        (doctor, held) = (master, slave)
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if device >= 0 { Thread.detachNewThread { self.run(fault) } }
    }

    deinit {
        guard device < 0 else { return }
        hangUp()
        close(held)
    }

    /// The line goes away, as a plug that is pulled: of a device that the test plays.
    func hangUp() {
        isOver.withLock { isOver in
            if !isOver { close(doctor) }
            isOver = true
        }
    }

    /// What a device says that the test plays.
    func send(_ bytes: [UInt8]) { _ = write(doctor, bytes, bytes.count) }

    /// What the doctor has said until now.
    func received() -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = read(doctor, &chunk, chunk.count)
        return Array(chunk.prefix(max(0, count)))
    }

    /// The doctor has opened its side: it is set for its speed.
    var isOpen: Bool {
        var settings = termios()
        tcgetattr(doctor, &settings)
        return cfgetospeed(&settings) == speed_t(B115200)
    }

    func end() { isOver.withLock { $0 = true } }

    private func run(_ fault: Fault) {
        var random = SeededRandom(seed: 11)
        defer { [device, doctor, held].forEach { close($0) } }
        while !isOver.withLock({ $0 }) {
            var polled = [device, doctor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            poll(&polled, 2, 20)
            var chunk = [UInt8](repeating: 0, count: 512)
            let up = read(device, &chunk, 512)
            if up > 0 {
                let bytes = impaired(Array(chunk.prefix(up)), fault, &random)
                _ = write(doctor, bytes, bytes.count)
            }
            let down = read(doctor, &chunk, 512)
            if down > 0, !fault.isDeaf { _ = write(device, chunk, down) }
        }
    }

    private func impaired(_ bytes: [UInt8], _ fault: Fault, _ random: inout SeededRandom) -> [UInt8] {
        var settings = termios()
        tcgetattr(doctor, &settings)
        if let speed = fault.speed, cfgetospeed(&settings) != speed {
            return bytes.map { _ in UInt8(random.below(256)) }
        }
        guard let loss = fault.lossOfOneIn else { return bytes }
        return bytes.filter { _ in !random.once(in: loss) }
    }
}
