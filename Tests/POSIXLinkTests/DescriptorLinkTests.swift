// SPDX-License-Identifier: Apache-2.0

import CPOSIXLink
import Glibc
import Testing

struct DescriptorLinkTests {
    @Test func theMasterOfAPseudoTerminalIsUpWhileTheOtherSideIsOpen() throws {
        let line = try #require(PseudoTerminal())
        line.closeSlave()
        let master = PolledLink(descriptor: line.master)
        #expect(!master.isUp)

        let everyByte = (0...255).map { UInt8($0) }
        let reader = PolledLink(path: line.path)
        #expect(reader.isUp)
        #expect(eventually { master.isUp })
        #expect(master.send(everyByte))
        #expect(reader.receive(256) == everyByte)
        #expect(reader.send(everyByte))
        #expect(master.receive(256) == everyByte)

        dalloc_posix_link_close(reader.link)
        #expect(eventually { !master.isUp })
        let next = PolledLink(path: line.path)
        #expect(next.isUp)
        #expect(eventually { master.isUp })
        #expect(master.connections == 2)
    }

    @Test func theDescriptorStaysTheCallersToClose() throws {
        let line = try #require(PseudoTerminal())
        let link = PolledLink(descriptor: line.master)
        #expect(link.isUp)
        dalloc_posix_link_close(link.link)
        #expect(!link.isUp)
        #expect(fcntl(line.master, F_GETFD) >= 0)
    }

    @Test func aSocketWhoseOtherSideIsGoneIsDownAndRaisesNoSignal() throws {
        var pair: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { close(pair[0]) }
        let link = PolledLink(descriptor: pair[0])
        #expect(link.isUp)
        #expect(link.send([1, 2, 3]))
        #expect(receive(3, from: pair[1]) == [1, 2, 3])
        close(pair[1])
        #expect(link.write([4]) == -1)
        #expect(!link.isUp)
    }

    @Test func randomNumbersDiffer() {
        #expect(Set((0..<8).map { _ in dalloc_posix_random() }).count > 6)
    }
}
