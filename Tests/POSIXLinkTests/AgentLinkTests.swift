// SPDX-License-Identifier: Apache-2.0
//
// The links of an Agent, which own what they need, and close what they opened.

import Dalloc
import DallocAgent
import Glibc
import POSIXLink
import Testing

struct AgentLinkTests {
    /// The zero in front, the head of the frame, and whose it is: what HELLO starts with.
    private func isHello(_ bytes: [UInt8], of device: String) -> Bool {
        bytes.first == 0 && String(decoding: bytes, as: UTF8.self).contains(device)
    }

    /// Polls until as much as that has come out at the other end.
    private func hello(_ agent: inout Agent, from descriptor: () -> Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<10000 where bytes.count < 40 {
            agent.poll()
            var chunk = [UInt8](repeating: 0, count: 64)
            let count = read(descriptor(), &chunk, chunk.count)
            if count > 0 { bytes += chunk.prefix(count) } else { usleep(1000) }
        }
        return bytes
    }

    @Test func tcpConnectsAndHangsUpWithItsAgent() throws {
        let server = try #require(LoopbackListener())
        do {
            // A host that is gone when it is needed.
            var agent = try Agent(
                device: "pump-17", build: "a build of some length",
                link: .tcp([127, 0, 0, 1].map(String.init).joined(separator: "."), port: server.port))
            var heap = try Heap(bytes: 1000)
            try agent.attach(&heap, as: "main")
            let bytes = hello(&agent) {
                _ = server.accept()
                return server.connection
            }
            #expect(isHello(bytes, of: "pump-17"))
            #expect(agent.linkError == nil)
        }
        var byte: UInt8 = 0
        #expect(eventually { read(server.connection, &byte, 1) == 0 }, "what was sent, and then the end")
    }

    @Test func serialOpensTheLineAndGivesItBack() throws {
        let line = try #require(PseudoTerminal())
        for device in ["pump-17", "pump-18"] {
            var agent = try Agent(
                device: device, build: "a build of some length", link: .serial(line.path, baud: 115200))
            let bytes = hello(&agent) { line.master }
            #expect(isHello(bytes, of: device))
            // A second agent is refused until this one has ended.
            var other = try Agent(device: "other", link: .serial(line.path, baud: 115200))
            other.poll()
            #expect(other.linkError == "\(line.path) is in use by another program")
        }
    }

    @Test func aDescriptorStaysTheCallersToClose() throws {
        var pair: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { pair.forEach { close($0) } }
        _ = fcntl(pair[1], F_SETFL, O_NONBLOCK)
        do {
            var agent = try Agent(device: "pump-17", build: "a build of some length", link: .descriptor(pair[0]))
            let bytes = hello(&agent) { pair[1] }
            #expect(isHello(bytes, of: "pump-17"))
        }
        #expect(fcntl(pair[0], F_GETFD) >= 0)
    }

    @Test func whatKeepsALinkDownIsSaid() throws {
        var agent = try Agent(device: "pump-17", link: .serial("/dev/null", baud: 115200))
        agent.poll()
        #expect(agent.linkError == "/dev/null is no serial line; give the path of one, such as /dev/ttyUSB0")
    }
}
