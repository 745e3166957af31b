// SPDX-License-Identifier: Apache-2.0
//
// The parameters of a question about the fleet.

internal import HeapHistory

extension Parameters {
    func filter() throws -> DeviceFilter {
        var filter = DeviceFilter()
        filter.build = try text("build")
        filter.silence = try number("silent", 1...Int64.max)
        filter.isFailing = try value("failing", "true or false") { Bool($0) } ?? false
        filter.isLeaking = try value("leaking", "true or false") { Bool($0) } ?? false
        filter.usage = try value("usage", ">80% or <=16K (in a URL %3E is >, %3C is <, %25 is %)") {
            UsageCondition($0)
        }
        filter.labels = try values("label", "site=berlin, or site for any value") { DeviceLabel($0) }
        return filter
    }

    /// Which figures of the fleet are asked for.
    func fleet() throws -> FleetSelection {
        var selection = FleetSelection(filter: try filter())
        guard !selection.filter.isLeaking else {
            throw Problem(
                .badRequest, "leaking is not asked for here: it takes a look at the sums of all devices.",
                hint: "Leave it away. /v1/leaks and /v1/devices?leaking=true tell what leaks.")
        }
        (selection.device, selection.heap) = (try text("device"), try text("heap"))
        selection.prefix = try text("prefix") ?? ""
        selection.shard = try value("shard", "1/4: the first of four parts of the fleet") { FleetShard($0) }
        if let limit = try number("limit", 1...10_000) { selection.limit = Int(limit) }
        if let series = try number("series", 1...500_000) { selection.series = Int(series) }
        return selection
    }

    func order() throws -> DeviceOrder {
        let names = DeviceOrder.allCases.map(\.rawValue).joined(separator: ", ")
        return try value("sort", "one of \(names)") { DeviceOrder(rawValue: $0) } ?? .id
    }
}
