// SPDX-License-Identifier: Apache-2.0
//
// Which devices of the fleet, and in which order: the collector chooses, so that a large fleet costs no more than what is shown.

import CommandSupport
import ArgumentParser
import HeapHistory

struct DeviceSelection: ParsableArguments {
    @Option(help: ArgumentHelp("Only devices whose current boot has this build.", valueName: "build"))
    var build: String?

    @Option(
        help: ArgumentHelp("Only devices that have been silent for longer: 1h, 2d.", valueName: "duration"),
        transform: { try Interval(option: $0) })
    var silent: Interval?

    @Flag(help: "Only devices with allocations that failed within the last hour.")
    var failing = false

    @Option(
        help: ArgumentHelp(
            "Only devices with a heap that full: '>80%', '<10%', '>=12K' (of 1024 bytes), '>1M'; 80% means '>=80%'.",
            valueName: "condition"),
        transform: { text in
            guard let condition = UsageCondition(text) else {
                throw ValidationError("'\(text)' is no condition; write '>80%', '<=16K' or the like, in quotes.")
            }
            return condition
        })
    var usage: UsageCondition?

    @Option(
        help: ArgumentHelp(
            "Only devices with this label: site=berlin, or site for any value; site= for none. May be given again.",
            valueName: "label"),
        transform: { text in
            guard let label = DeviceLabel(text) else {
                throw ValidationError("'\(text)' is no label; write site=berlin, or site for any value.")
            }
            return label
        })
    var label: [DeviceLabel] = []

    @Option(help: "In which order: by id, or what needs a person first.")
    var sort = DeviceSort.id

    @Option(help: ArgumentHelp("The most devices to list (default: all by id, 1000 in another order).", valueName: "n"))
    var limit: Int?

    /// What schema/openapi.yaml allows.
    private static let limits = 1...10_000

    func validate() throws {
        guard limit.map({ Self.limits.contains($0) }) != false else {
            throw ValidationError("--limit takes \(Self.limits.lowerBound) to \(Self.limits.upperBound).")
        }
        if build?.isSingleLine == false {
            throw ValidationError("--build has control characters, which no build has.")
        }
    }

    var isFiltered: Bool { build != nil || silent != nil || failing || usage != nil || !label.isEmpty }

    /// In words of the API.
    var parameters: [(name: String, value: String?)] {
        [
            ("build", build), ("silent", silent.map { String($0.microseconds) }), ("failing", failing ? "true" : nil),
            ("usage", usage?.description), ("sort", sort == .id ? nil : sort.parameter),
        ] + label.map { ("label", $0.description) }
    }
}
