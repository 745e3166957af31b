// SPDX-License-Identifier: Apache-2.0
//
// What would have been in another heap: a verdict, and the figures beside those of the device.

import CommandSupport
import HeapHistory

enum WhatIfView {
    static func render(_ answer: WhatIfAnswer, on screen: Screen) -> Rendering {
        var heading = ""
        if screen.isTerminal {
            let heap = answer.name.isEmpty ? "\(answer.heap)" : answer.name.printable
            let title = "\(answer.device.printable)\(screen.separator)heap \(heap)\(screen.separator)\(kind(answer))"
            heading = screen.paint(title, .bold) + "\n\n"
        }
        var table = TextTable([
            .init(title: ""), .init(title: "ON THE DEVICE", isNumber: true),
            .init(title: "IN THAT HEAP", isNumber: true),
        ])
        func add(_ name: String, _ recorded: String, _ other: String, _ ink: Ink = .plain) {
            table.add([.init(name), .init(recorded), .init(other, ink)])
        }
        add("size, B", Figures.number(answer.recordedSize), Figures.number(answer.size))
        add("peak use, B", "", Figures.number(answer.peakUsed))
        add("most blocks", "", Figures.number(answer.peakLiveBlocks))
        add(
            "failed allocations", Figures.number(answer.recordedFailures), Figures.number(answer.failures),
            answer.failures > 0 ? .red : .green)
        add("bytes moved", Figures.number(answer.recordedBytesMoved), Figures.number(answer.bytesMoved))
        add("worst fragmentation", "", Figures.percent(Int(answer.fragmentation * 1000), of: 1000) + " %")
        let sentence = screen.paint(verdict(answer, screen.zone), answer.failures > 0 ? .red : .green)
        return Rendering(
            text: heading + table.render(on: screen) + "\n" + sentence + "\n", remarks: remarks(answer, screen.zone))
    }

    private static func kind(_ answer: WhatIfAnswer) -> String {
        switch answer.allocator {
        case .eager: "closing gaps at once"
        case .lazy: "closing gaps when it must"
        default: "a model of \(answer.allocator.rawValue)"
        }
    }

    /// One sentence that says what would have been, and how sure that is.
    static func verdict(_ answer: WhatIfAnswer, _ zone: Zone) -> String {
        let done = "\(Figures.count(answer.operations, "operation"))"
        guard answer.operations > 0 || answer.firstFailure != nil else {
            return "Nothing is known to have happened in that time: there is nothing to replay."
        }
        let pins = answer.pins > 0 ? ", had no block been pinned" : ""
        let model = answer.allocator.isExact ? pins : ", as far as the model goes"
        guard let failure = answer.firstFailure else {
            return "All \(done) would have gone well in \(Figures.number(answer.size)) B, \(kind(answer))\(model)."
        }
        let what = "\(failure.resize ? "a resize to" : "an allocation of") \(Figures.number(failure.size)) B"
        let place = failure.sequence.map { " (frame #\($0))" } ?? " (a block that was there at the beginning)"
        let why =
            switch failure.reason {
            case .noRoom: "\(Figures.number(failure.free)) B were free"
            case .fragmented:
                "\(Figures.number(failure.free)) B were free, but the largest piece had \(Figures.number(failure.largestFree))"
            case .tableFull: "the table was full"
            }
        return "It would have failed first at \(zone.full(failure.time))\(place): \(what); \(why)\(model)."
    }

    static func remarks(_ answer: WhatIfAnswer, _ zone: Zone) -> [String] {
        var remarks: [String] = []
        if answer.firstFailure != nil {
            remarks.append(
                "After that it is assumed that the program goes on without the block: \(Figures.count(answer.assumed, "operation")) "
                    + "on such blocks \(answer.assumed == 1 ? "is" : "are") left out.")
        }
        if answer.recordedFailures > 0 {
            remarks.append(
                "\(Figures.count(answer.recordedFailures, "allocation")) failed on the device; what it would have done with them nobody "
                    + "knows, so they are not replayed.")
        }
        if answer.pins > 0, answer.allocator.isExact {
            remarks.append(
                "The device pinned blocks, \(Figures.count(answer.pins, "time")). The replay moves them like others, so it misses the "
                    + "gaps that would stay before them: such a heap needs more room than this.")
        }
        if let stoppedAt = answer.stoppedAt {
            remarks.append(
                "The replay ended at \(zone.full(stoppedAt)) after as much work as one question may take: ask for a shorter range."
            )
        }
        return remarks
            + Knowledge(
                knownUntil: answer.knownUntil, until: answer.stoppedAt ?? answer.until, gaps: answer.gaps, zone: zone
            )
            .sentences
    }
}
