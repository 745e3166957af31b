// SPDX-License-Identifier: Apache-2.0
//
// The real reader and writer at work.

import HeapWire

enum FrameReading {
    /// What a reader finds that is made anew from its state now and then, as a device with little memory does.
    static func read(_ line: [UInt8], capacity: Int, interruptedEach stride: Int) -> [PlainFraming.Outcome] {
        var results: [PlainFraming.Outcome] = []
        // On the heap and no longer than it says, so that a byte too much is noticed.
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        defer { buffer.deallocate() }
        var reader = FrameReader(buffer: buffer, capacity: capacity)
        for (index, byte) in line.enumerated() {
            if index % stride == stride - 1 {
                reader = FrameReader(buffer: buffer, capacity: capacity, state: reader.state)
            }
            do throws(Malformed) {
                if let length = try reader.feed(byte) {
                    results.append(.payload(Array(UnsafeBufferPointer(start: buffer, count: length))))
                }
            } catch {
                results.append(.rejected(error))
            }
            hold(reader.state.length <= capacity + 1, "the reader knows where its buffer ends")
        }
        return results
    }

    static func holdWriting(_ payload: [UInt8], as line: [UInt8], window: Int) {
        let again = write(payload)
        hold(again == PlainFraming.line(payload) + [0], "a frame is written as the papers say")
        // The empty block after a full one may be left out.
        hold(again.dropLast() == line[...] || again.dropLast(2) == line[...] && again.suffix(2) == [1, 0], "\(line)")
        hold(again.count <= FrameWriter.longest(payload: payload.count), "a frame is no longer than announced")
        var pieces: [UInt8] = []
        let piece = UnsafeMutablePointer<UInt8>.allocate(capacity: window)
        defer { piece.deallocate() }
        while pieces.count < again.count {
            var writer = FrameWriter(window: piece, start: pieces.count, length: window)
            for byte in payload { writer.byte(byte) }
            hold(writer.finish() == again.count, "every window knows the length of the frame")
            pieces += UnsafeBufferPointer(start: piece, count: min(window, again.count - pieces.count))
        }
        hold(pieces == again, "windows show the frame")
    }

    private static func write(_ payload: [UInt8]) -> [UInt8] {
        let room = FrameWriter.longest(payload: payload.count)
        let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: room)
        defer { buffer.deallocate() }
        var writer = FrameWriter(ring: buffer, size: room, origin: 0, room: room)
        for byte in payload { writer.byte(byte) }
        return Array(UnsafeBufferPointer(start: buffer, count: writer.finish()))
    }

    /// What the payload says, if anything, is said again by the frame that is made of it.
    static func holdMeaning(_ payload: [UInt8], layout: HeapLayout) {
        guard let (lines, again) = try? WireText.read(payload, layout: layout) else { return }
        // Numbers may come in more bytes than are needed: written anew the payload can only be shorter. Owners are the exception: an
        // address may take more than a distance that says too little of it.
        guard case .payload(let second) = PlainFraming.read(again.dropLast(), capacity: .max) else {
            return hold(false, "a frame that was written anew is none: \(lines)")
        }
        guard let (sameLines, sameFrame) = try? WireText.read(second, layout: layout) else {
            return hold(false, "a frame that was written anew means nothing: \(lines)")
        }
        hold(sameLines == lines && sameFrame == again, "\(lines) became \(sameLines)")
    }
}
