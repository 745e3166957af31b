// SPDX-License-Identifier: Apache-2.0
//
// `dalloc devices`: the fleet at a glance.

import CommandSupport
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
              dalloc devices --build 1.4.2 --usage '>80%' --sort usage --limit 20
              dalloc devices --silent 1h --label site=berlin
              dalloc devices --format csv --columns id,build,used,peak > fleet.csv
            """)

    @OptionGroup var selection: DeviceSelection

    @Option(
        help: ArgumentHelp(
            "The columns of a table or csv, by the names that csv has: id,build,used.", valueName: "a,b,c"),
        transform: { try Self.columns($0) })
    var columns: [ListColumn<DeviceRow>]?

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
        if columns != nil && [.json, .ndjson].contains(options.format) {
            throw ValidationError("--columns is for tables and csv; leave it out with --format \(options.format).")
        }
    }

    private static func columns(_ text: String) throws -> [ListColumn<DeviceRow>] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { name in
            let name = name.trimmingCharacters(in: .whitespaces)
            guard let column = DeviceSummary.columns.first(where: { $0.name == name }) else {
                let names = DeviceSummary.columns.map(\.name).joined(separator: ", ")
                throw ValidationError("'\(name)' is no column; there are \(names).")
            }
            return column
        }
    }

    func run() async throws {
        let client = try options.client()
        if watch { return try await draw(client) }
        var pages = DevicePages(client, selection)
        switch options.format {
        case .table: try await writeTable(&pages)
        case .json: try await writeJSON(&pages)
        case .csv, .ndjson:
            var list = options.list(of: DeviceSummary.self, columns: columns)
            while let devices = try await pages.next() { try list.write(devices) }
        }
        if options.format != .json { pages.remarks.forEach(StandardStream.note) }
    }

    /// Again and again. More than a page fits no screen.
    private func draw(_ client: CollectorClient) async throws {
        let (selection, columns, zone) = (selection, columns, options.timezone)
        try await LiveView(interval: .milliseconds(Int64(interval * 1000)), color: options.color).run { screen in
            var (screen, pages) = (screen, DevicePages(client, selection))
            screen.zone = zone
            let devices = try await pages.next() ?? []
            var view = ColumnsView<DeviceSummary>(columns ?? [], on: screen)
            let text =
                columns == nil
                ? DevicesView.render(DeviceList(devices: devices), now: .now, on: screen) : view.rows(of: devices)
            let rest = pages.isOver ? pages.remarks : ["There are more devices: leave --watch out to see all."]
            return Rendering(text: text, remarks: rest)
        }
    }

    private func writeTable(_ pages: inout DevicePages) async throws {
        if let columns {
            var view = ColumnsView<DeviceSummary>(columns, on: options.screen)
            while let devices = try await pages.next() { try options.write(view.rows(of: devices)) }
            return
        }
        var view = DevicesView(now: .now, on: options.screen)
        while let devices = try await pages.next() { try options.write(view.rows(of: devices)) }
        try options.write(view.end())
    }

    /// What the encoder makes of a ``DeviceList``, without the whole list in memory.
    private func writeJSON(_ pages: inout DevicePages) async throws {
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
        guard separator == ",\n" else { return try StandardStream.write("{\n  \"devices\" : []\n}\n") }
        var end = "\n  ]"
        if pages.isCut, let next = pages.after {
            let text = String(decoding: try encoder.encode(next), as: UTF8.self).withoutControlCodesInJSON
            end += ",\n  \"next\" : \(text)"
        } else if pages.isCut {
            end += ",\n  \"truncated\" : true"
        }
        try StandardStream.write(end + "\n}\n")
    }
}
