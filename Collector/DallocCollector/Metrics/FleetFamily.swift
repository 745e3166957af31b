// SPDX-License-Identifier: Apache-2.0
//
// A figure of devices or of their heaps, as monitoring systems know it.

internal import HeapHistory

struct FleetFamily: Sendable {
    enum Values: Sendable {
        /// One of each device.
        case device(@Sendable (DeviceSummary) -> Double)
        /// One of each heap of which it is known.
        case heap(@Sendable (FleetDevice.Heap) -> Double?)
        /// 1 for each list of labels that a device has, beside its id.
        case labels(@Sendable (DeviceSummary) -> [[(name: String, value: String)]])
    }

    var name: String
    var help: String
    var isCounter = false
    var values: Values

    init(_ name: String, _ help: String, isCounter: Bool = false, _ values: Values) {
        (self.name, self.help, self.isCounter, self.values) = (name, help, isCounter, values)
    }
}
