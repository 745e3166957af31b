// SPDX-License-Identifier: Apache-2.0
//
// `dalloc devices`: the fleet at a glance.

import ArgumentParser
import Foundation
import HeapHistory

struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "List the devices, their links and how full their heaps are.",
        discussion: """
            EXAMPLES
              dalloc devices
              dalloc devices --watch --interval 1
              dalloc devices --format json | jq '.devices[].id'
              dalloc devices --format csv > fleet.csv
            """)

    @Flag(help: "Draw again and again until Ctrl-C.")
    var watch = false

    @Option(help: ArgumentHelp("Seconds between two drawings of --watch.", valueName: "seconds"))
    var interval = 2.0

    @OptionGroup var options: CollectorOptions

    func validate() throws {
        guard (0.1...86_400).contains(interval) else {
            throw ValidationError("--interval takes 0.1 to 86400 seconds.")
        }
        if watch && options.format != .table {
            throw ValidationError("--watch draws tables; leave it out with --format \(options.format).")
        }
    }

    func run() async throws {
        let client = try options.client()
        if watch {
            try await LiveView(interval: .milliseconds(Int64(interval * 1000)), color: options.color).run { screen in
                // More than a page fits no screen.
                let list = try await client.devices()
                var rendering = DevicesView.render(list, now: .now, on: screen)
                if list.next != nil {
                    rendering.remarks.append("There are more devices: leave --watch out to see all.")
                }
                return rendering
            }
            return
        }
        switch options.format {
        case .table: try await writeTable(DevicePages(client))
        case .json: try await writeJSON(DevicePages(client))
        case .csv, .ndjson: try await writeList(DevicePages(client))
        }
    }

    private func writeList(_ pages: DevicePages) async throws {
        var (pages, list, isEmpty) = (pages, options.list(of: DeviceSummary.self), true)
        while let devices = try await pages.next() {
            try list.write(devices)
            isEmpty = isEmpty && devices.isEmpty
        }
        if isEmpty { StandardStream.note(DevicesView.nothing) }
    }

    private func writeTable(_ pages: DevicePages) async throws {
        var pages = pages
        var view = DevicesView(now: .now, on: options.screen)
        while let devices = try await pages.next() { try options.write(view.rows(of: devices)) }
        try options.write(view.end())
    }

    /// What the encoder makes of a ``DeviceList``, without the whole list in memory.
    private func writeJSON(_ pages: DevicePages) async throws {
        var pages = pages
        let encoder = HistoryCoding.encoder(pretty: true)
        var separator = "{\n  \"devices\" : [\n"
        while let devices = try await pages.next() {
            for device in devices {
                let lines = String(decoding: try encoder.encode(device), as: UTF8.self).withoutControlCodesInJSON
                    .split(separator: "\n")
                try StandardStream.write(separator + lines.map { "    " + $0 }.joined(separator: "\n"))
                separator = ",\n"
            }
        }
        try StandardStream.write(separator == ",\n" ? "\n  ]\n}\n" : "{\n  \"devices\" : []\n}\n")
    }
}
