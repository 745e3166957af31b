// SPDX-License-Identifier: Apache-2.0
//
// What a collector answers a device that is a plain socket.

import HeapWire
import TestSupport

/// The next reply but for REFUSE, as a device that doesn't know it hears it; nil when the collector hangs up.
func nextReply(_ socket: Socket) async throws -> Reply? {
    while let reply = try await nextFrame(socket) {
        guard case .refuse = reply else { return reply }
    }
    return nil
}

/// Why the collector does not serve the device; nil when it hangs up without a word.
func nextRefusal(_ socket: Socket) async throws -> Refuse? {
    while let reply = try await nextFrame(socket) {
        if case .refuse(let refuse) = reply { return refuse }
    }
    return nil
}

private func nextFrame(_ socket: Socket) async throws -> Reply? {
    var found: Reply?
    try await wait(for: "a reply") {
        if let frame = socket.nextFrame() {
            found = try reply(in: frame)
            return true
        }
        return socket.isClosed
    }
    return found
}

/// What a frame says; nil when it is none.
func reply(in frame: [UInt8]) throws -> Reply? {
    var payload = [UInt8](repeating: 0, count: 64)
    return try payload.withUnsafeMutableBufferPointer { buffer -> Reply? in
        guard let base = buffer.baseAddress else { return nil }
        var reader = FrameReader(buffer: base, capacity: buffer.count)
        for byte in frame {
            if let length = try reader.feed(byte) { return try Reply(payload: base, count: length) }
        }
        return nil
    }
}
