// SPDX-License-Identifier: Apache-2.0
//
// Connections that are there and lead nowhere: the agent ends them by itself, and comes back.

import CPOSIXLink
import Dalloc
import DallocAgent
import Glibc
import POSIXLink
import Testing

struct DeadConnectionTests {
    /// Time-outs that a test can wait for, in milliseconds.
    private static var intervals: AgentIntervals {
        var intervals = AgentIntervals()
        (intervals.replyTimeout, intervals.greetingTimeout) = (50, 200)
        (intervals.retry, intervals.retryLimit) = (20, 100)
        return intervals
    }

    private static func agent(_ server: LoopbackListener, _ intervals: AgentIntervals) throws -> Agent {
        try Agent(device: "pump-17", link: .tcp("127.0.0.1", port: server.port), intervals: intervals)
    }

    /// True when the other side has hung up; what it has sent before is dropped.
    private static func isOver(_ descriptor: Int32) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1024)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count <= 0 { return count == 0 || errno != EAGAIN }
        }
    }

    /// Polls the agent until something is so.
    private static func poll(_ agent: inout Agent, until condition: () -> Bool) -> Bool {
        for _ in 0..<10_000 {
            agent.poll()
            if condition() { return true }
            usleep(1000)
        }
        return false
    }

    @Test func aServerThatAcceptsAndNeverAnswersIsLeftAndTriedAgain() throws {
        let server = try #require(LoopbackListener())
        var agent = try Self.agent(server, Self.intervals)
        var heap = try Heap(bytes: 1000)
        try agent.attach(&heap, as: "main")
        for number in 1...4 as ClosedRange<UInt32> {
            #expect(Self.poll(&agent) { server.accept() }, "connection \(number)")
            let start = dalloc_posix_milliseconds(nil)
            #expect(Self.poll(&agent) { Self.isOver(server.connection) })
            #expect(dalloc_posix_milliseconds(nil) &- start >= 150, "not before it was greeted a few times")
            #expect(agent.counters.linksLost == number)
        }
        #expect(
            agent.linkError
                == "gave up the connection to 127.0.0.1:\(server.port): no collector answers; is that its port for devices?"
        )
        #expect(agent.counters.operationsLost == 0)
    }

    @Test func aServerThatSpeaksSomethingElseIsLeftAtOnce() throws {
        let server = try #require(LoopbackListener())
        var intervals = Self.intervals
        intervals.greetingTimeout = 1_000_000
        var agent = try Self.agent(server, intervals)
        #expect(Self.poll(&agent) { server.accept() })
        let answer = Array("HTTP/1.1 400 Bad Request\r\nconnection: keep-alive\r\n\r\n".utf8)
        #expect(write(server.connection, answer, answer.count) == answer.count)
        #expect(Self.poll(&agent) { Self.isOver(server.connection) })
        #expect(agent.counters.linksLost == 1)
        #expect(agent.linkError?.contains("no collector answers") == true)
    }

    @Test func theSystemWatchesTheConnectionToo() throws {
        let server = try #require(LoopbackListener())
        let link = PolledLink(host: "127.0.0.1", port: server.port)
        #expect(eventually { link.isUp && server.accept() })
        func option(_ level: Int32, _ name: Int32) -> Int32 {
            var (value, length) = (Int32(-1), socklen_t(MemoryLayout<Int32>.size))
            getsockopt(link.link.pointee.descriptor, level, name, &value, &length)
            return value
        }
        #expect(option(SOL_SOCKET, SO_KEEPALIVE) == 1)
        #expect(option(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT) == 30_000)
        #expect(option(Int32(IPPROTO_TCP), TCP_KEEPIDLE) == 30)
        #expect(option(Int32(IPPROTO_TCP), TCP_KEEPINTVL) == 10)
        #expect(option(Int32(IPPROTO_TCP), TCP_KEEPCNT) == 3)
    }

    @Test func onlyAConnectionCanBeReset() throws {
        let link = UnsafeMutablePointer<dalloc_posix_link_t>.allocate(capacity: 1)
        defer { link.deallocate() }
        #expect(dalloc_tcp_link(link, "127.0.0.1", 1).reset != nil)
        #expect(dalloc_serial_link(link, "/dev/null", 9600).reset == nil)
        #expect(dalloc_descriptor_link(link, -1).reset == nil)
    }
}
