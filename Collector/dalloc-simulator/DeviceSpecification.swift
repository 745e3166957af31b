// SPDX-License-Identifier: Apache-2.0
//
// What one device is to be.

internal import CommandSupport

struct DeviceSpecification {
    enum Line {
        case tcp(Endpoint)
        case serial(SerialEndpoint)
        case descriptor(Int32)
        /// Takes everything, and answers nothing.
        case recording(Recording)
    }

    var id: String
    var build: String
    var boot: UInt32
    var line: Line
    var heapSize: UInt32
    var transmitSize: UInt32
    /// Milliseconds.
    var frameInterval: UInt32
    /// In milliseconds, too.
    var summaryInterval: UInt32 = 60_000
    var workload: Workload
    var seed: UInt64
    /// Operations a second.
    var rate: Int
    /// Milliseconds; 0: the agent's default.
    var retryLimit: UInt32 = 0
    /// What the device's clock shows when it starts, in milliseconds.
    var clock: UInt32 = 0
}
