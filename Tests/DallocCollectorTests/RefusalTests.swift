// SPDX-License-Identifier: Apache-2.0
//
// What a line says before it is closed, and to whom.

import HeapWire
import NIOCore
import NIOEmbedded
import Testing

@testable import DallocCollector

struct RefusalTests {
    private func line() -> (Line, EmbeddedChannel) {
        let channel = EmbeddedChannel()
        return (Line(peer: "tcp 10.0.0.1:1", address: "10.0.0.1", channel: channel), channel)
    }

    /// What was written since the last look.
    private func replies(_ channel: EmbeddedChannel) throws -> [Reply] {
        var found: [Reply] = []
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
            var buffer = [UInt8](repeating: 0, count: WireLimits.reply + WireLimits.checksum)
            try buffer.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                var reader = FrameReader(buffer: base, capacity: buffer.count)
                for byte in bytes.readableBytesView {
                    if let length = try reader.feed(byte) { found.append(try Reply(payload: base, count: length)) }
                }
            }
        }
        return found
    }

    @Test func aDeviceIsToldWhyItsConnectionIsClosedOnce() throws {
        let (line, channel) = line()
        line.note(try ScriptedDevice.hello(boot: 7))
        line.close(.twin, wait: 20)
        line.close(.shutdown)
        #expect(try replies(channel) == [.refuse(Refuse(boot: 7, wait: 20_000, reason: .sameID))])
        #expect(line.end == .twin)
        #expect(!channel.isActive)
    }

    @Test(arguments: ConnectionEnd.allCases)
    func everyEndThatIsOurOwnHasAReason(end: ConnectionEnd) throws {
        let (line, channel) = line()
        line.note(try ScriptedDevice.hello())
        line.close(end)
        // The last two come before any HELLO.
        let isOfPeer = [.peer, .probe, .noGreeting, .handshake, .speaksTLS].contains(end)
        #expect(try replies(channel).count == (isOfPeer ? 0 : 1))
    }

    @Test func aPeerThatHasNotGreetedIsToldNothing() throws {
        let (line, channel) = line()
        line.refuse(.tooManyBoots)
        line.close(.idle)
        #expect(try replies(channel).isEmpty)
    }

    @Test func aDeviceThatDoesNotListenIsToldNothing() throws {
        let (line, channel) = line()
        line.note(try ScriptedDevice.hello())
        line.note(try ScriptedDevice.hello(isOneWay: true))
        line.close(.idle)
        #expect(try replies(channel).isEmpty)
    }

    @Test func eachGreetingIsRefusedOnceAndAWaitIsInTicksOfTheDevice() throws {
        let (line, channel) = line()
        line.note(try ScriptedDevice.hello())
        line.refuse(.tooManyBoots, wait: 10)
        line.refuse(.tooManyBoots, wait: 11)
        line.note(try ScriptedDevice.hello())
        line.refuse(.tooManyBoots, wait: .max)
        #expect(
            try replies(channel) == [
                .refuse(Refuse(boot: 1, wait: 10_000, reason: .tooManyBoots)),
                .refuse(Refuse(boot: 1, wait: .max, reason: .tooManyBoots)),
            ])
    }

    /// Nothing is amplified: a peer that lies about its address gets others no more bytes than it sends.
    @Test func aRefusalIsShorterThanTheShortestGreeting() throws {
        let hello = FrameWriter.payload {
            OwnedHello(device: "a", boot: 1, tick: 0, heaps: []).write(to: &$0)
        }
        let refusal = FrameWriter.payload {
            Refuse(boot: 1, wait: .max, reason: .heaps).write(to: &$0)
        }
        #expect(refusal.count < hello.count)
        #expect(
            FrameWriter.payload { Refuse(boot: .max, wait: .max, reason: .heaps).write(to: &$0) }.count
                <= WireLimits.reply)
    }
}
