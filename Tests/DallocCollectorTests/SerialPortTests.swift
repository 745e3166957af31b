// SPDX-License-Identifier: Apache-2.0
//
// A tty is opened as a binary protocol needs it, whatever a program before has left in it.

import Foundation
import Testing

@testable import DallocCollector

struct SerialPortTests {
    @Test func nothingOfAnEarlierProgramIsLeft() throws {
        var (master, slave): (CInt, CInt) = (-1, -1)
        var name = [CChar](repeating: 0, count: 256)
        try #require(openpty(&master, &slave, &name, nil, nil) == 0)
        defer { [master, slave].forEach { _ = close($0) } }
        var before = termios()
        try #require(tcgetattr(slave, &before) == 0)
        before.c_iflag |= tcflag_t(IXON | IXOFF | IXANY | INPCK | ISTRIP | PARMRK | IGNBRK | BRKINT)
        before.c_iflag |= tcflag_t(ICRNL | IGNCR | INLCR)
        before.c_oflag |= tcflag_t(OPOST)
        before.c_lflag |= tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        before.c_cflag |= tcflag_t(HUPCL | CSTOPB | PARENB | PARODD)
        try #require(tcsetattr(slave, TCSANOW, &before) == 0)
        try #require(tcgetattr(slave, &before) == 0)
        let isFlowControlled = before.c_iflag & tcflag_t(IXOFF) != 0 && before.c_cflag & tcflag_t(HUPCL) != 0
        try #require(isFlowControlled, "the pty takes what a program before us sets")

        let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let line = try SerialPort.open(path, SerialPort.Speed(baud: 115_200))
        defer { close(line) }
        var after = termios()
        try #require(tcgetattr(line, &after) == 0)
        #expect(after.c_iflag == 0)
        #expect(after.c_oflag & tcflag_t(OPOST) == 0)
        #expect(after.c_lflag & tcflag_t(ICANON | ECHO | ISIG | IEXTEN) == 0)
        #expect(after.c_cflag & tcflag_t(HUPCL | CSTOPB | PARODD) == 0)
        #expect(after.c_cflag & tcflag_t(CLOCAL | CREAD) == tcflag_t(CLOCAL | CREAD))
        #expect(after.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS8))
    }
}
