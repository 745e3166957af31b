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
            DevicesView.render(list, now: Samples.time, on: .plain).text == """
                DEVICE     BUILD  BOOT      LINK                 HEAP         USED B  SIZE B  USED %    BLOCKS  LAST SEEN
                sensor-01  1.4.2  8f3a01c2  tcp 127.0.0.1:50122  main         13,312  16,384    81.2        42  3 s ago
                sensor-01  1.4.2  8f3a01c2  tcp 127.0.0.1:50122  net               -  16,384       -         -  3 s ago
                b          2      00000001  serial /dev/ttyUSB0  no heap yet                                    2 min ago, offline

                """)
    }

    @Test func onATerminalADeviceIsNamedOnceAndNothingIsLost() {
        #expect(
            DevicesView.render(list, now: Samples.time, on: Samples.terminal()).text == """
                DEVICE     HEAP         USED B  SIZE B  USED %  BLOCKS  LAST SEEN
                sensor-01  main         13,312  16,384    81.2      42  3 s ago
                  build 1.4.2 · boot 8f3a01c2 · link tcp 127.0.0.1:50122
                           net               -  16,384       -       -
                b          no heap yet                                  2 min ago, offline
                  build 2 · boot 00000001 · link serial /dev/ttyUSB0

                """)
    }

    @Test func thereIsABarWhereThereIsRoom() {
        let text = DevicesView.render(list, now: Samples.time, on: Samples.terminal(130)).text
        #expect(text.contains("81.2  ████████▏·      42"))
    }

    @Test func theBarShowsTheLeastUse() {
        #expect(DevicesView.bar(0) == "··········")
        #expect(DevicesView.bar(0.000_1) == "▏·········")
        #expect(DevicesView.bar(0.5) == "█████·····")
        #expect(DevicesView.bar(1) == "██████████")
        #expect(DevicesView.bar(7) == "██████████")
    }

    @Test func anEmptyFleetIsExplained() {
        let rendering = DevicesView.render(DeviceList(devices: []), now: Samples.time, on: .plain)
        #expect(rendering.text.isEmpty)
        #expect(rendering.remarks.first?.hasPrefix("No device has reported") == true)
    }
}
