// SPDX-License-Identifier: Apache-2.0
//
// Both sides of a pseudo-terminal: the kernel's stand-in for a serial line.

import Glibc

final class PseudoTerminal {
    let master: Int32
    /// Of the side that a program opens like /dev/ttyUSB0.
    let path: String
    private var slave: Int32

    init?() {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 128)
        guard openpty(&master, &slave, &name, nil, nil) == 0 else { return nil }
        self.master = master
        self.slave = slave
        path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
    }

    deinit {
        closeSlave()
        close(master)
    }

    /// From now on the other side is open only while somebody else has it open.
    func closeSlave() {
        if slave >= 0 { close(slave) }
        slave = -1
    }

    var mode: termios {
        var mode = termios()
        tcgetattr(slave, &mode)
        return mode
    }
}
