// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a line, or worth knowing. LineFinding+Words says each in sentences.

public enum LineFinding: Equatable, Sendable {
    // No frame came whose checksum is right:

    /// No byte came at all.
    case silent(seconds: Int)
    /// Readable text came, and nothing else.
    case console(sample: String, baud: UInt32)
    /// Hardly anything but zeros came.
    case heldLow(bytes: Int)
    /// No byte has its high bit set.
    case sevenBits(bytes: Int)
    /// Not one zero is among the bytes.
    case noZero(bytes: Int)
    /// Frames end, and none of them is whole.
    case noSoundFrame(damaged: Int, bytes: Int)

    // Frames came:

    /// They came at another speed than the given one.
    case wrongSpeed(given: UInt32, right: UInt32)
    /// None of them says whose they are.
    case noHello(frames: Int, seconds: Int)
    /// A HELLO can't be read, though its checksum is right.
    case malformedHello(why: String)
    case otherVersion(words: String)
    /// The device repeats HELLO as if nobody had answered.
    case notHeard(hellos: Int)
    /// The device was answered, and says nothing.
    case silentAfterWelcome
    case noHeaps
    /// What only a collector sends came in.
    case collectorFrames(Int)
    /// Frames were altered or lost on the way.
    case damagedFrames(damaged: Int, sound: Int, missing: Int)
    case consoleAmongFrames(sample: String, lines: Int)
    /// Their checksum is right, and what they say can't be.
    case unreadableFrames(Int, why: String)
    /// A table that was replayed is not the device's.
    case tablesDiffer(times: Int)
    /// The recorder was full.
    case operationsLost(Int, told: Int, perSecond: Double?)
    /// The device makes more bytes than the line carries.
    case lineFull(bytesPerSecond: Double, baud: UInt32)
    case resets(Int, seconds: Int)
    case repeatedBootID(UInt32)
    /// The device's clock does not make as many ticks a second as HELLO says.
    case wrongClock(stated: UInt32, measured: Double)
    /// The line went away while we listened.
    case lineEnded(why: String)

    // Nothing wrong:

    case well(frames: Int, isOneWay: Bool)
    /// The device doesn't listen.
    case oneWay
    /// What the device had kept is on its way still, or its table comes later.
    case unproven(heaps: [String])
    case summaries(heaps: [String])

    /// A person has to do something.
    public var isProblem: Bool {
        switch self {
        case .well, .oneWay, .unproven, .summaries: false
        default: true
        }
    }
}
