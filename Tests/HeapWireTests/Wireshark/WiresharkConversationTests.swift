// SPDX-License-Identifier: Apache-2.0
//
// Both sides of a line in schema/wireshark/heapwire.lua: what the conversation vectors say, as one that listens between the two would
// have captured it.

import Foundation
import HeapWire
import Testing

struct WiresharkConversationTests {
    private struct Conversation: Decodable {
        struct Step: Decodable {
            var line: String?
            var device: String?
            var collector: String?
            var says: String?
            var lost: Bool?
            var arrives: String?
            var stored: String?
        }

        var name: String
        var steps: [Step]
    }

    /// A frame in a few words, as conversations have it.
    private static func short(_ frame: DissectedFrame) -> String {
        let words = frame.words
        let value = { (title: String) in
            words.first { $0.hasPrefix(title + ": ") }.map { String($0.dropFirst(title.count + 2)) } ?? "-"
        }
        switch value("frame") {
        case "HELLO":
            let heaps = words.filter { $0.hasPrefix("heap ") }.count
            return "HELLO: tick \(value("tick")), oldest \(value("oldest")), \(heaps) heaps"
        case "KEYFRAME", "DELTA":
            let lost = ["-", "0"].contains(value("lost")) ? "" : ", lost \(value("lost"))"
            return "\(value("frame")) \(value("sequence")): heap \(value("heap")), tick \(value("tick"))\(lost)"
        case "-": return words[0].replacing("frame of type", with: "type")
        default:
            let values = words.dropFirst().map { $0.replacing(": ", with: " ") }
            return "\(value("frame")): \(values.joined(separator: ", "))"
        }
    }

    /// What a dissector says of a frame that a collector takes although its end can't be read.
    private static func unreadable(_ line: String) throws -> String? {
        guard let payload = try WireText.payload(SpecificationTests.bytes(line)) else { return nil }
        return payload.withUnsafeBufferPointer { bytes in
            do throws(Malformed) {
                if let base = bytes.baseAddress { _ = try StateFrame(payload: base, count: bytes.count) }
                return nil
            } catch {
                return error == .truncatedField ? "malformed: truncated field" : "malformed: \(error)"
            }
        }
    }

    @Test func bothSidesSayWhatTheConversationsHave() throws {
        let file = SpecificationTests.schema.appendingPathComponent("wire-vectors/conversations.json")
        let conversations = try JSONDecoder().decode([Conversation].self, from: Data(contentsOf: file))
        var (capture, connection, expected) = (Capture(), 0, [String]())
        for conversation in conversations {
            connection += 1
            for step in conversation.steps {
                if step.line != nil { connection += 1 }
                guard step.lost != true, let line = step.device ?? step.collector, let says = step.says else {
                    continue
                }
                let side = step.device == nil ? Capture.Side.collector : .device
                capture.send(SpecificationTests.bytes(step.arrives ?? line), from: side, on: connection)
                let isBroken = step.arrives != nil && step.stored?.hasPrefix("malformed: ") == true
                let shown = isBroken ? step.stored : try step.arrives.flatMap(Self.unreadable)
                // Bytes without a zero after them, of what is no collector.
                if says != "no frame" { expected.append(shown ?? says) }
            }
        }
        let (frames, failed) = try Tshark().frames(of: capture)
        #expect(!failed)
        #expect(frames.count > 200)
        #expect(frames.count == expected.count)
        for (frame, says) in zip(frames, expected) { #expect(Self.short(frame) == says) }
    }
}
