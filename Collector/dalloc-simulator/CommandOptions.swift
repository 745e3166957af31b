// SPDX-License-Identifier: Apache-2.0
//
// The values of the command line's options, as people write them.

internal import ArgumentParser

/// `127.0.0.1:7420`, `collector.example:7420`, `[::1]:7420`.
struct NetworkAddress: ExpressibleByArgument {
    var host: String
    var port: UInt16

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...]),
            port > 0
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = port
    }
}

/// `/dev/ttyUSB0` or `/dev/ttyUSB0:9600`.
struct SerialLine: ExpressibleByArgument {
    var path: String
    var baud: UInt32 = 115_200

    init?(argument: String) {
        path = argument
        if let colon = argument.lastIndex(of: ":"), let baud = UInt32(argument[argument.index(after: colon)...]) {
            path = String(argument[..<colon])
            self.baud = baud
        }
        guard !path.isEmpty else { return nil }
    }
}

/// A length of time: `500ms`, `20s`, `5m`, `1h`.
struct Span: ExpressibleByArgument {
    /// Milliseconds first: they end as seconds do.
    private static let units: [(name: String, microseconds: UInt64)] = [
        ("ms", 1000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000),
    ]

    var microseconds: UInt64

    init(microseconds: UInt64) { self.microseconds = microseconds }

    init?(argument: String) {
        guard let unit = Self.units.first(where: { argument.hasSuffix($0.name) }),
            let number = UInt64(argument.dropLast(unit.name.count)), number > 0
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit.microseconds)
        guard !overflow else { return nil }
        microseconds = product
    }

    /// In the largest unit that leaves no rest.
    var defaultValueDescription: String {
        let unit = Self.units.last { microseconds % $0.microseconds == 0 } ?? Self.units[0]
        return "\(microseconds / unit.microseconds)\(unit.name)"
    }
}

/// `steady,churn`: what devices do, in turn.
struct WorkloadList: ExpressibleByArgument, CustomStringConvertible {
    var workloads: [Workload]

    init(workloads: [Workload]) { self.workloads = workloads }

    init?(argument: String) {
        workloads = []
        for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let workload = Workload(rawValue: String(name)) else { return nil }
            workloads.append(workload)
        }
    }

    var description: String { workloads.map(\.rawValue).joined(separator: ",") }
}
