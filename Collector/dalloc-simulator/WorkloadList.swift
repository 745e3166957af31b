// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

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
