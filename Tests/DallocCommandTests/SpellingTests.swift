// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import HeapHistory
import Testing

@testable import dalloc

@Suite struct SpellingTests {
    @Test(
        arguments: [
            (["LANG": "en_GB.UTF-8"], Spelling.unicode), (["LANG": "C.utf8"], .unicode),
            (["LC_CTYPE": "UTF-8"], .unicode),
            (["LC_ALL": "C", "LANG": "en_GB.UTF-8"], .asciiOnly),
            (["LC_CTYPE": "POSIX", "LANG": "C.UTF-8"], .asciiOnly),
            (["LC_ALL": "", "LC_CTYPE": "", "LANG": "C.UTF-8"], .unicode),
            (["LC_ALL": "C.UTF-8", "LANG": "C"], .unicode),
            (["LANG": "de_DE.ISO-8859-1"], .asciiOnly), ([:], .asciiOnly),
            (["LANG": "C.UTF-8", "TERM": "dumb"], .asciiOnly),
        ] as [([String: String], Spelling)])
    func theLocaleDecides(_ environment: [String: String], _ spelling: Spelling) {
        #expect(Spelling(environment: environment, isTerminal: true) == spelling)
    }

    @Test func aPipeKeepsNames() {
        #expect(Spelling(environment: ["LANG": "C"], isTerminal: false) == .ascii)
        #expect(Spelling(environment: ["LANG": "C.UTF-8", "TERM": "dumb"], isTerminal: false) == .unicode)
        #expect(Spelling.ascii("温度 … █") == "温度 ... #")
        #expect(Spelling.asciiOnly("温度 … █") == "???? ... #")
    }

    @Test func everyPictureIsASCIIWithoutUTF8() {
        var screen = Samples.terminal(120)
        screen.spelling = .asciiOnly
        let history = Samples.history(
            minutes: 90, (0..<60).map { Samples.point($0, used: Int($0) * 16, peak: 1024, failures: Int($0 % 3)) },
            gaps: [Gap(start: Samples.time, end: nil, cause: .silence, operations: nil, frames: nil)])
        let snapshot = Samples.snapshot(
            size: 1024, used: 300, [Samples.entry(0, offset: 0, size: 61), Samples.entry(1, offset: 64, size: 30)])
        let devices = DeviceList(devices: [Samples.device("温度", [Samples.heap("main", used: 9_000)])])
        for text in [
            HistoryView.render(history, on: screen).text, SnapshotView.render(snapshot, on: screen).text,
            DevicesView.render(devices, now: Samples.time, on: screen),
        ] {
            #expect(screen.spelling(text).utf8.allSatisfy { $0 < 0x80 })
            // And each line as wide as before, so that nothing shifts.
            let lines = zip(screen.spelling(text).split(separator: "\n"), text.split(separator: "\n"))
            for (spelled, original) in lines where !original.contains("…") {
                #expect(String(spelled).cells == String(original).cells)
            }
        }
    }
}
