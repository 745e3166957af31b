// SPDX-License-Identifier: Apache-2.0

import CPOSIXLink
import Glibc
import Testing

struct SerialLinkTests {
    private let everyByte = (0...255).map { UInt8($0) }

    @Test func everyByteValueTravelsBothWays() throws {
        let line = try #require(PseudoTerminal())
        let link = PolledLink(path: line.path)
        #expect(link.isUp)
        #expect(link.send(everyByte))
        #expect(receive(256, from: line.master) == everyByte)
        #expect(write(line.master, everyByte, 256) == 256)
        #expect(link.receive(256) == everyByte)
    }

    @Test(arguments: [(9600, B9600), (115200, B115200), (921600, B921600)])
    func theLineIsRawAtTheGivenSpeed(baud: Int, speed: Int32) throws {
        let line = try #require(PseudoTerminal())
        #expect(line.mode.c_lflag & tcflag_t(ICANON | ECHO | ISIG) != 0)
        let link = PolledLink(path: line.path, baud: UInt32(baud))
        #expect(link.isUp)
        var mode = line.mode
        #expect(mode.c_lflag & tcflag_t(ICANON | ECHO | ISIG | IEXTEN) == 0)
        #expect(mode.c_iflag & tcflag_t(ICRNL | INLCR | IGNCR | IXON | IXOFF | ISTRIP) == 0)
        #expect(mode.c_oflag & tcflag_t(OPOST) == 0)
        #expect(mode.c_cflag & tcflag_t(CSIZE) == tcflag_t(CS8))
        #expect(mode.c_cflag & tcflag_t(CLOCAL | CREAD) == tcflag_t(CLOCAL | CREAD))
        #expect(cfgetospeed(&mode) == speed_t(speed))
    }

    @Test func aSecondLinkOnTheLineIsRefused() throws {
        let line = try #require(PseudoTerminal())
        let first = PolledLink(path: line.path)
        #expect(first.isUp)
        let second = PolledLink(path: line.path)
        #expect(!second.isUp)
        #expect(second.error == "\(line.path) is in use by another program")
        dalloc_posix_link_close(first.link)
        #expect(eventually { second.isUp })
    }

    @Test func aPathThatIsNoTerminalIsRefused() {
        let link = PolledLink(path: "/dev/null")
        #expect(!link.isUp)
        #expect(link.error == "/dev/null is no serial line; give the path of one, such as /dev/ttyUSB0")
        #expect(link.link.pointee.cause == ENOTTY)
    }

    @Test func aPathThatDoesNotExistIsRefused() {
        let link = PolledLink(path: "/dev/no-such-line")
        #expect(!link.isUp)
        #expect(link.error == "cannot open /dev/no-such-line: No such file or directory")
    }

    @Test func anUnknownSpeedIsRefused() throws {
        let line = try #require(PseudoTerminal())
        let link = PolledLink(path: line.path, baud: 12345)
        #expect(!link.isUp)
        #expect(link.error.contains("12345 baud"))
        #expect(!dalloc_posix_is_baud(12345))
        #expect(dalloc_posix_is_baud(115200))
    }

    @Test func aLineThatGoesAwayIsOpenedAgain() throws {
        var line = try #require(PseudoTerminal())
        let path = "/tmp/dalloc-line-\(getpid())-\(dalloc_posix_random())"
        defer { unlink(path) }
        #expect(symlink(line.path, path) == 0)
        let link = PolledLink(path: path)
        #expect(link.isUp)
        unlink(path)
        let second = try #require(PseudoTerminal())
        line = second
        #expect(eventually { !link.isUp || link.read() == nil })
        #expect(symlink(line.path, path) == 0)
        #expect(eventually { link.isUp })
        #expect(link.connections == 2)
        #expect(link.send([1, 2, 3]))
        #expect(receive(3, from: line.master) == [1, 2, 3])
    }
}
