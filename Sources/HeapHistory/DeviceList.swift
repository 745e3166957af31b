// SPDX-License-Identifier: Apache-2.0

public struct DeviceList: Codable, Equatable, Sendable {
    public var devices: [DeviceSummary]
    /// Ask again with `after` set to it: there are more devices than one answer holds. Absent at the end.
    public var next: String?

    public init(devices: [DeviceSummary], next: String? = nil) { (self.devices, self.next) = (devices, next) }
}

extension DeviceList: JSONList {
    public var elements: [DeviceSummary] { devices }

    public func writeBeginning(to json: inout JSONWriter) {
        json.beginObject()
        json.beginArray("devices")
    }

    public func writeEnd(to json: inout JSONWriter) {
        json.endArray()
        if let next { json.field("next", next) }
        json.endObject()
    }
}
