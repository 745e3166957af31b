// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import ArgumentParser
import Foundation
import HeapHistory
import Testing

@testable import dalloc

@Suite struct DevicesViewTests {
    private let list = DeviceList(devices: [
        DeviceSummary(
            id: "sensor-01", build: "1.4.2", boot: 0x8F3A_01C2, link: "tcp 127.0.0.1:50122", connected: true,
            firstSeen: Samples.time, lastSeen: Samples.time.later(-3_000_000),
            heaps: [Samples.heap("main", used: 13_312), Samples.heap("net", used: 0, sequence: 0)]),
        DeviceSummary(
            id: "b", build: "2", boot: 1, link: "serial /dev/ttyUSB0", connected: false, firstSeen: Samples.time,
            lastSeen: Samples.time.later(-120_000_000), heaps: []),
    ])

    @Test func inAPipeEveryRowIsComplete() {
        #expect(
            DevicesView.render(list, now: Samples.time, on: .plain) == """
                DEVICE     BUILD  BOOT      LINK                 HEAP         USED B  SIZE B  USED %    BLOCKS  FAILED 1 H  LAST SEEN
                sensor-01  1.4.2  8f3a01c2  tcp 127.0.0.1:50122  main         13,312  16,384    81.2    42/100  0           3 s ago
                sensor-01  1.4.2  8f3a01c2  tcp 127.0.0.1:50122  net               -  16,384       -     -/100  0           3 s ago
                b          2      00000001  serial /dev/ttyUSB0  no heap yet                                                2 min ago, offline

                """)
    }

    @Test func onATerminalADeviceIsNamedOnceAndNothingIsLost() {
        #expect(
            DevicesView.render(list, now: Samples.time, on: Samples.terminal()) == """
                DEVICE     HEAP         USED B  SIZE B  USED %  BLOCKS  LAST SEEN
                sensor-01  main         13,312  16,384    81.2  42/100  3 s ago
                  build 1.4.2 · boot 8f3a01c2 · link tcp 127.0.0.1:50122
                           net               -  16,384       -   -/100
                b          no heap yet                                  2 min ago, offline
                  build 2 · boot 00000001 · link serial /dev/ttyUSB0

                """)
    }

    @Test func thereIsABarWhereThereIsRoom() {
        let text = DevicesView.render(list, now: Samples.time, on: Samples.terminal(140))
        #expect(text.contains("81.2  ████████▏·  42/100"))
    }

    @Test func whatNeedsAPersonIsSaidAndRed() {
        var full = Samples.heap("main", used: 4_750)
        (full.liveBlocks, full.failuresLastHour, full.failureReason) = (100, 1_234, "table_full")
        let list = DeviceList(devices: [
            Samples.device("a", [full], warnings: [.init(.idConflict, "Two peers use its id.")]),
            Samples.device("b", [Samples.heap("main", used: 1)], connected: false),
        ])
        var screen = Samples.terminal(70)
        let text = DevicesView.render(list, now: Samples.time, on: screen)
        #expect(text.contains("4,750  16,384    28.9  100/100"))
        #expect(text.contains("link tcp 127.0.0.1:1\n  failed within the hour: 1,234, table full\n"))
        #expect(text.hasSuffix("\n\na: Two peers use its id.\n"))
        #expect(DevicesView.render(list, now: Samples.time, on: .plain).contains("100/100  1,234, table full"))
        screen.usesColor = true
        let coloured = DevicesView.render(list, now: Samples.time, on: screen)
        for red in ["100/100", "failed within the hour: 1,234, table full", "now, offline"] {
            #expect(coloured.contains("\u{1B}[31m\(red)\u{1B}[0m"), "\(red)")
        }
        #expect(coloured.contains("\u{1B}[33ma: Two peers use its id.\u{1B}[0m"))
    }

    @Test func aLargeFleetIsOneTableThatGrows() {
        var view = DevicesView(now: Samples.time, on: .plain)
        let first = view.rows(of: [Samples.device("a", []), Samples.device("bb", [])])
        let second = view.rows(of: [Samples.device("a-long-name", [])])
        let third = view.rows(of: [Samples.device("c", [], warnings: [.init(.clockStands, "Its clock stands.")])])
        #expect(first.hasPrefix("DEVICE  BUILD") && first.contains("\na       1      00000001"))
        #expect(second.hasPrefix("a-long-name  1      00000001"), "the heading is not said again")
        #expect(third.hasPrefix("c            1      00000001"), "columns never get narrower")
        #expect(view.end() == "\nc: Its clock stands.\n")
    }

    @Test func manyWarningsAreCounted() {
        var view = DevicesView(now: Samples.time, on: .plain)
        let warned = Samples.device("a", [], warnings: Array(repeating: .init(.implausible, "x"), count: 501))
        _ = view.rows(of: [warned, warned])
        let lines = view.end().split(separator: "\n")
        #expect(lines.count == 1001)
        #expect(lines.last == "… 2 more warnings; --format json has all of them")
    }

    @Test func theBarShowsTheLeastUse() {
        #expect(DevicesView.bar(0) == "··········")
        #expect(DevicesView.bar(0.000_1) == "▏·········")
        #expect(DevicesView.bar(0.5) == "█████·····")
        #expect(DevicesView.bar(1) == "██████████")
        #expect(DevicesView.bar(7) == "██████████")
    }

    @Test func anEmptyListIsExplained() throws {
        #expect(DevicesView.render(DeviceList(devices: []), now: Samples.time, on: .plain).isEmpty)
        #expect(DevicesView.nothing(nil).hasPrefix("No device has reported"))
        #expect(DevicesView.nothing(try DeviceSelection.parse([])).hasPrefix("No device has reported"))
        let filters = [
            ["--build", "1"], ["--silent", "1h"], ["--failing"], ["--usage", ">1%"], ["--label", "site"],
        ]
        for words in filters {
            #expect(DevicesView.nothing(try DeviceSelection.parse(words)).hasPrefix("No device is like that"))
        }
    }

    @Test func labelsAreShownWhereThereAreAny() {
        var labelled = Samples.device("b", [Samples.heap("main", used: 1), Samples.heap("net", used: 2)])
        labelled.labels = ["site": "berlin", "owner": "the lab"]
        var view = DevicesView(now: Samples.time, on: .plain)
        let first = view.rows(of: [Samples.device("a", [])])
        #expect(!first.contains("LABELS"))
        let second = view.rows(of: [labelled])
        #expect(second.hasPrefix("DEVICE  ") && second.prefix { $0 != "\n" }.hasSuffix("  LABELS"), "\(second)")
        #expect(second.components(separatedBy: "  owner=the lab, site=berlin\n").count == 3)
        #expect(view.rows(of: [Samples.device("c", [])]).contains("c  ") == true)
        let list = DeviceList(devices: [labelled])
        let onScreen = DevicesView.render(list, now: Samples.time, on: Samples.terminal())
        #expect(onScreen.contains("labels owner=the lab, site=berlin\n"), "\(onScreen)")
    }

    @Test func columnsThatAreAskedForMakeATable() {
        let columns = ["id", "boot", "used", "connected", "last_seen"].map { name in
            DeviceSummary.columns.first { $0.name == name } ?? .init(name) { _ in "" }
        }
        var view = ColumnsView<DeviceSummary>(columns, on: .plain)
        #expect(
            view.rows(of: list.devices) == """
                ID         BOOT        USED  CONNECTED  LAST SEEN UTC
                sensor-01  8f3a01c2  13,312  yes        2026-11-23 03:11:57.000
                sensor-01  8f3a01c2       0  yes        2026-11-23 03:11:57.000
                b          00000001          no         2026-11-23 03:10:00.000

                """)
        #expect(view.rows(of: []).isEmpty)
    }
}
