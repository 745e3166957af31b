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

    func order() throws -> DeviceOrder {
        let names = DeviceOrder.allCases.map(\.rawValue).joined(separator: ", ")
        return try value("sort", "one of \(names)") { DeviceOrder(rawValue: $0) } ?? .id
    }
}
