// SPDX-License-Identifier: Apache-2.0

import CPOSIXLink
import Glibc
import Testing

struct TCPLinkTests {
    private let everyByte = (0...255).map { UInt8($0) }

    @Test func everyByteValueTravelsBothWays() throws {
        let server = try #require(LoopbackListener())
        let link = PolledLink(host: "127.0.0.1", port: server.port)
        #expect(eventually { link.isUp && server.accept() })

        #expect(link.send(everyByte))
        #expect(receive(256, from: server.connection) == everyByte)
        #expect(write(server.connection, everyByte, 256) == 256)
        #expect(link.receive(256) == everyByte)
        #expect(link.error == "")
    }

    @Test func aNameIsLookedUp() throws {
        let server = try #require(LoopbackListener())
        let link = PolledLink(host: "localhost", port: server.port)
        #expect(eventually { link.isUp && server.accept() })
    }

    /// The resolver would take none for this machine.
    @Test func aLinkWithoutATargetStaysDownAndSaysWhy() throws {
        let server = try #require(LoopbackListener())
        for (link, what) in [
            (PolledLink(host: "", port: server.port), "host"), (PolledLink(path: ""), "path"),
        ] {
            #expect(link.error == "cannot open a link without a \(what): give one")
            for _ in 0..<20 {
                #expect(!link.isUp)
                usleep(1000)
            }
            #expect(!server.accept() && link.link.pointee.attempts == 0)
        }
        let link = UnsafeMutablePointer<dalloc_posix_link_t>.allocate(capacity: 1)
        defer { link.deallocate() }
        let functions = dalloc_tcp_link(link, nil, server.port)
        #expect(functions.is_up?(functions.context) == false)
        #expect(String(cString: dalloc_posix_link_error(link)) == "cannot open a link without a host: give one")
    }

    @Test func theConnectionComesBackAfterTheServerDid() throws {
        let first = try #require(LoopbackListener())
        let link = PolledLink(host: "127.0.0.1", port: first.port)
        #expect(eventually { link.isUp && first.accept() })
        first.close()
        #expect(eventually { link.read() == nil })
        #expect(!link.isUp)
        #expect(link.error == "lost the link to 127.0.0.1: the other side closed it")
        let attempts = link.link.pointee.attempts
        #expect(eventually { !link.isUp && link.link.pointee.attempts > attempts })
        #expect(link.error == "cannot connect to 127.0.0.1:\(first.port): Connection refused")

        let second = try #require(LoopbackListener(port: first.port))
        #expect(eventually { link.isUp && second.accept() })
        #expect(link.connections == 2)
        #expect(link.send([1, 2, 3]))
        #expect(receive(3, from: second.connection) == [1, 2, 3])
    }

    @Test func theWaitGrowsFromAQuarterSecondAndIsAtRandom() throws {
        let server = try #require(LoopbackListener())
        server.close()
        var waits: Set<UInt32> = []
        for _ in 0..<8 {
            let link = PolledLink(host: "127.0.0.1", port: server.port)
            let start = dalloc_posix_milliseconds(nil)
            #expect(eventually { !link.isUp && link.link.pointee.attempts == 1 })
            let wait = link.link.pointee.deadline &- start
            #expect((250...1000).contains(wait))
            #expect(link.link.pointee.delay == 500)
            waits.insert(wait)
        }
        #expect(waits.count > 1)
    }

    @Test func writingToAClosedConnectionRaisesNoSignal() throws {
        let server = try #require(LoopbackListener())
        let link = PolledLink(host: "127.0.0.1", port: server.port)
        #expect(eventually { link.isUp && server.accept() })
        server.close()
        // The first write is answered with a reset, the next one would be SIGPIPE.
        #expect(eventually { link.write([0]) < 0 })
        #expect(!link.isUp)
    }

    @Test func aFullConnectionTakesNothingAndStaysUp() throws {
        let server = try #require(LoopbackListener())
        let link = PolledLink(host: "127.0.0.1", port: server.port)
        #expect(eventually { link.isUp && server.accept() })
        let block = [UInt8](repeating: 7, count: 65536)
        #expect(eventually { link.write(block) == 0 })
        #expect(link.isUp)
    }

    @Test func anUnknownHostIsNamed() {
        let link = PolledLink(host: "no-such-host.invalid", port: 7420)
        #expect(!link.isUp)
        #expect(link.error.hasPrefix("cannot find the host no-such-host.invalid: "))
    }

    @Test func aClosedLinkStaysDown() throws {
        let server = try #require(LoopbackListener())
        let link = PolledLink(host: "127.0.0.1", port: server.port)
        #expect(eventually { link.isUp && server.accept() })
        dalloc_posix_link_close(link.link)
        #expect(!link.isUp)
        #expect(receive(0, from: server.connection) == [])
        #expect(eventually { recv(server.connection, nil, 0, 0) == 0 })
        #expect(link.write([1]) == -1)
    }
}
