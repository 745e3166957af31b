// SPDX-License-Identifier: Apache-2.0
//
// Finds lines of readable text among bytes: what a console prints on the line of an agent. Keeps one of them to show, and takes no more
// memory than that.

struct ConsoleText {
    /// Lines that stand in no sound frame.
    private(set) var lines = 0
    /// The last of them, as it came.
    private(set) var sample: [UInt8] = []
    /// Signs since something else came.
    private var run: [UInt8] = []
    /// Lines since the last zero: whether they are part of a frame, its end tells.
    private var open = (lines: 0, sample: [UInt8]())

    /// Signs that a line has at least. Ten in a row, and the end of a line after them, are in random bytes once in three millions.
    private static let shortest = 10
    private static let longest = 160

    mutating func note(_ byte: UInt8) {
        switch byte {
        case 0x20...0x7E, 0x09, 0x1B:
            if run.count < Self.longest { run.append(byte) }
        case 0x0A, 0x0D:
            if run.count >= Self.shortest { open = (open.lines + 1, run) }
            run.removeAll(keepingCapacity: true)
        default: run.removeAll(keepingCapacity: true)
        }
    }

    /// - Parameter isSound: what came since the last zero was a frame; so it was no text.
    mutating func endFrame(isSound: Bool) {
        if !isSound { take() }
        (open, run) = ((0, []), [])
    }

    /// What came without a zero is no frame either.
    mutating func take() {
        guard open.lines > 0 else { return }
        lines += open.lines
        sample = open.sample
        open = (0, [])
    }

    /// The sample without what colours it, cut to what a line of a terminal takes. Other control codes are still in it.
    static func words(of sample: [UInt8]) -> String {
        var (text, isInSequence, wasEscape) = ([UInt8](), false, false)
        for byte in sample {
            if isInSequence {
                isInSequence = !(0x40...0x7E).contains(byte)
            } else if wasEscape && byte == UInt8(ascii: "[") {
                (isInSequence, wasEscape) = (true, false)
                text.removeLast()
            } else {
                wasEscape = byte == 0x1B
                text.append(byte == 0x09 ? 0x20 : byte)
            }
        }
        let words = String(decoding: text.prefix(72), as: UTF8.self)
        return text.count > 72 ? words + "…" : words
    }
}
