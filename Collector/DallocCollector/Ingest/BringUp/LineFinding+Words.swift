// SPDX-License-Identifier: Apache-2.0
//
// What is wrong, in a sentence, and what to do, in a few more: for the person who has just wired the board.

internal import HeapHistory

extension LineFinding {
    /// A word for programs, which stays.
    public var kind: String {
        switch self {
        case .silent: "silent"
        case .console: "console"
        case .heldLow: "held_low"
        case .sevenBits: "seven_bits"
        case .noZero: "no_zero"
        case .noSoundFrame: "no_sound_frame"
        case .wrongSpeed: "wrong_speed"
        case .noHello: "no_hello"
        case .malformedHello: "malformed_hello"
        case .otherVersion: "other_version"
        case .notHeard: "not_heard"
        case .silentAfterWelcome: "silent_after_welcome"
        case .noHeaps: "no_heaps"
        case .collectorFrames: "collector_frames"
        case .damagedFrames: "damaged_frames"
        case .consoleAmongFrames: "console_among_frames"
        case .unreadableFrames: "unreadable_frames"
        case .tablesDiffer: "tables_differ"
        case .operationsLost: "operations_lost"
        case .lineFull: "line_full"
        case .resets: "resets"
        case .repeatedBootID: "repeated_boot_id"
        case .wrongClock: "wrong_clock"
        case .lineEnded: "line_ended"
        case .well: "well"
        case .oneWay: "one_way"
        case .unproven: "unproven"
        case .summaries: "summaries"
        }
    }

    /// May hold what a device chose: to be made printable before a terminal gets it.
    public var sentence: String {
        switch self {
        case .silent(let seconds): "Not one byte came in \(seconds) s."
        case .console(let sample, let baud):
            "This looks like a console at \(baud) baud, and no frame is among its text: \(Self.quoted(sample))"
        case .heldLow(let bytes):
            "Of \(Self.count(bytes, "byte")) hardly any is another than zero: the wire is held low."
        case .sevenBits(let bytes):
            "None of \(Self.count(bytes, "byte")) has its highest bit set: on the way, the eighth bit gets lost."
        case .noZero(let bytes):
            "\(Self.count(bytes, "byte")) came, and not one is zero. Every frame ends with a zero: this is another speed, or no agent."
        case .noSoundFrame(let damaged, let bytes):
            "\(Self.count(bytes, "byte")) came, with zeros among them, but none of \(Self.count(damaged, "frame")) has a right checksum."
        case .wrongSpeed(let given, let right):
            "The device speaks at \(right) baud, not at \(given)."
        case .noHello(let frames, let seconds):
            "\(Self.count(frames, "sound frame")) came, but in \(seconds) s no HELLO, which says whose they are."
        case .malformedHello(let why): "HELLO can't be read, though its checksum is right: \(why)."
        case .otherVersion(let words): "\(words)."
        case .notHeard(let hellos):
            "The device does not hear us: its HELLO came again \(Self.times(hellos)) although it was answered, and nothing else came."
        case .silentAfterWelcome: "The device greeted and was answered, and has said nothing since."
        case .noHeaps: "The device greets, but tells of no heap."
        case .collectorFrames(let count):
            "\(Self.count(count, "frame")) came that only a collector sends: we hear what goes to the device."
        case .damagedFrames(let damaged, let sound, let missing):
            missing == 0
                ? "\(damaged) of \(Self.count(damaged.addingClamped(sound), "frame")) came damaged."
                : "\(damaged) of \(Self.count(damaged.addingClamped(sound), "frame")) came damaged, and by their numbers "
                    + "\(missing) did not come whole."
        case .consoleAmongFrames(let sample, let lines):
            "A console prints on the same line, \(Self.count(lines, "line")) of text among the frames: \(Self.quoted(sample))"
        case .unreadableFrames(let count, let why):
            "\(Self.count(count, "frame")) can't be taken, though their checksums are right. The last one: \(why)."
        case .tablesDiffer(let times):
            "The table that we replayed differed \(Self.times(times)) from the device's."
        case .operationsLost(let lost, let told, let perSecond):
            "The device could not record \(Self.count(lost, "operation")); it told of \(told)."
                + (perSecond.map { " It makes \(Self.round($0)) a second." } ?? "")
        case .lineFull(let bytesPerSecond, let baud):
            "The device makes \(Self.round(bytesPerSecond)) bytes a second, and \(baud) baud carry \(baud / 10)."
        case .resets(let count, let seconds): "The device was reset \(Self.times(count)) in \(seconds) s."
        case .repeatedBootID(let boot):
            "After a reset the device has the same boot id again, \(Self.hexadecimal(boot))."
        case .wrongClock(let stated, let measured):
            "HELLO says \(stated) ticks a second, and the device's clock makes \(Self.round(measured))."
        case .lineEnded(let why): "The line went away while we listened: \(why)."
        case .well(let frames, let isOneWay):
            isOneWay
                ? "All is well: \(Self.count(frames, "frame")) came, all of them sound."
                : "All is well: the device hears us, and \(Self.count(frames, "frame")) came, all of them sound."
        case .oneWay: "The device does not listen: its HELLO says that the line is one-way."
        case .unproven(let heaps):
            "The table of \(heaps.joined(separator: ", ")) did not come, so it isn't compared with the device's yet."
        case .summaries(let heaps):
            "The device tells of \(heaps.joined(separator: ", ")) in summaries, so operations and tables are not told."
        }
    }

    /// What may be the cause, and what to do, the most likely first.
    public var advice: [String] {
        switch self {
        case .silent:
            [
                "Is the board powered, and is this its port? Unplug the adapter and see which port goes.",
                "Are the wires crossed? The device's TX goes to the adapter's RX, and the other way round. Ground is needed, too.",
                "Does the firmware call dalloc_agent_poll regularly? Without it nothing is sent.",
                "Does the link's write function reach the UART, with its clock and pins on? Send one byte in main to see.",
            ]
        case .console:
            [
                "Give the agent a UART of its own, and listen on that one.",
                "Or, if the agent should be on this one: does it run? dalloc_agent_init must return DALLOC_AGENT_OK, and "
                    + "dalloc_agent_poll be called.",
            ]
        case .heldLow:
            [
                "Is the device's TX an output yet? A pin that is not configured may pull the line down.",
                "Is ground connected, and do both sides have the same voltage? RS-232 levels need a converter.",
                "A speed that is far above the device's looks like this, too.",
            ]
        case .sevenBits:
            [
                "Set the device's UART to 8 data bits and no parity (8N1).",
                "Do converters or terminal servers on the way pass all eight bits on?",
            ]
        case .noZero, .noSoundFrame:
            [
                "Which speed has the device really? Its UART's clock may not be what the firmware takes it for.",
                "Set it to 8 data bits, no parity and one stop bit (8N1).",
                "No other program may read this port. Flow control must be off, or wired: without it, a FIFO that is full loses bytes.",
            ]
        case .wrongSpeed(_, let right): ["Use \(right) from now on, or set the device to the other one."]
        case .noHello:
            [
                "A device that does not listen repeats HELLO every 60 s: listen for longer, --seconds 70, or reset the board now.",
                "One that listens sends HELLO whenever it is in doubt. Is another program answering it?",
            ]
        case .malformedHello:
            ["Mend device_id, build and the heaps' names: UTF-8, no control characters, at most 64, 64 and 32 bytes."]
        case .otherVersion: []
        case .notHeard:
            [
                "Is the device's RX wired to the adapter's TX?",
                "Does the link's read function give what came? An interrupt has to put bytes aside while no one reads.",
                "Where the device can't listen, set the link's read to NULL: the line is one-way then, and that is all right.",
            ]
        case .silentAfterWelcome:
            ["Is dalloc_agent_poll called regularly? A task that waits for something else doesn't call it."]
        case .noHeaps: ["Call dalloc_agent_attach for each heap, after dalloc_agent_init, and look at what it returns."]
        case .collectorFrames:
            [
                "Does the device, or an RS-485 converter, send back what it gets? Switch its echo off.",
                "Do the adapter's RX and TX touch?",
            ]
        case .damagedFrames(_, _, let missing):
            [
                "Does the device's write function lose bytes? It must return how many the FIFO really took.",
                "Is the speed slightly off? From 2 to 3 % on, bytes break; look for a rate that the device's clock divides well into.",
                "At this end: is the machine, or a hub before the adapter, too slow? Try half the speed, a shorter cable, a common ground.",
                missing > 0
                    ? "On a one-way line each of them is a gap in the history."
                    : "On a two-way line nothing is lost by it: frames come again. But they cost the line twice.",
            ]
        case .consoleAmongFrames:
            [
                "Give the console another UART, or switch it off: each line of text destroys the frame that follows it.",
                "Check printf, dalloc_debug, and messages of the boot loader and of the operating system.",
            ]
        case .unreadableFrames:
            ["Is the agent's library of another version than its headers? Build both anew, from one release."]
        case .tablesDiffer:
            [
                "Something else than dalloc writes into heap_t, or beyond a block. Run dalloc_heap_check where you suspect it.",
                "Was the library built with other options than the program? Their heap_t differ then.",
            ]
        case .operationsLost(_, _, let perSecond):
            [
                "Call dalloc_agent_poll more often: the recorder (DALLOC_RECORDER_BYTES, 192 unless set) must hold what happens between "
                    + "two calls, at 3 to 4 bytes an operation."
                    + (perSecond.flatMap(Self.pollAdvice) ?? ""),
                "Or enlarge DALLOC_RECORDER_BYTES, up to 2560.",
                "It also happens when a collector was away for longer than the transmit buffer lasts. Reset the board and look again: "
                    + "is it gone, then it was that.",
            ]
        case .lineFull:
            [
                "Raise the speed, on both sides.",
                "Or let the device tell less: a longer frame_interval saves some bytes, summaries (dalloc_agent_summarize) nearly "
                    + "all of them.",
            ]
        case .resets:
            [
                "Look at the reset cause: a watchdog, a brown-out, a fault handler that resets.",
                "Some boards are reset when a program opens the port (DTR); then it is one reset, at the beginning.",
            ]
        case .repeatedBootID: ["Give boot_id another number after every reset: a random one, or a counter in flash."]
        case .wrongClock:
            ["Mend ticks_per_second or the now function: times in the history and the agent's timeouts depend on them."]
        case .lineEnded:
            ["Is the plug loose, or does the device reset its own USB? Look at the kernel's log: dmesg | tail."]
        case .oneWay: ["That is all right. What the line loses is lost, though, and shows as a gap."]
        case .unproven:
            ["It comes every 60 s. To see it now, reset the board while the doctor listens, or use a longer --seconds."]
        case .well, .summaries: []
        }
    }

    private static func pollAdvice(_ perSecond: Double) -> String? {
        guard perSecond >= 1, perSecond < 1_000_000 else { return nil }
        let milliseconds = 192 / 4 * 1000 / perSecond
        guard milliseconds < 60_000 else { return nil }
        return " With 192 bytes that is every \(round(max(1, milliseconds))) ms on average, and more often in bursts."
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private static func times(_ number: Int) -> String {
        number == 1 ? "once" : number == 2 ? "twice" : "\(number) times"
    }

    private static func quoted(_ sample: String) -> String { "“\(sample)”" }

    /// Two digits that count, or all of a whole number.
    private static func round(_ number: Double) -> String {
        guard number.isFinite, number.magnitude < 1e15 else { return "too many" }
        return number >= 10 ? "\(Int(clamping: Int64(number.rounded())))" : "\((number * 10).rounded() / 10)"
    }

    private static func hexadecimal(_ boot: UInt32) -> String {
        let digits = String(boot, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
