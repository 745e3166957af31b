// SPDX-License-Identifier: Apache-2.0
//
// What `GET` and `PUT /v1/devices/{device}/detail` answer: how much a device is to tell of its heaps.

public struct DeviceDetail: Codable, Equatable, Sendable {
    public enum Level: String, Codable, Sendable, CaseIterable {
        /// Every operation.
        case full
        /// Figures and sums, every minute or so: for lines where each byte costs.
        case summary
    }

    public var device: String
    /// Nil: nothing is said to the device, which goes on as it is.
    public var detail: Level?
    public var connected: Bool
    /// The detail was said on the device's present connection.
    public var told: Bool

    public init(device: String, detail: Level?, connected: Bool, told: Bool) {
        (self.device, self.detail, self.connected, self.told) = (device, detail, connected, told)
    }
}

extension DeviceDetail: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("connected", connected)
            if let detail { $0.field("detail", detail.rawValue) }
            $0.field("device", device)
            $0.field("told", told)
        }
    }
}
