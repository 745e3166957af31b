// SPDX-License-Identifier: Apache-2.0

public struct DeviceList: Codable, Equatable, Sendable {
    public var devices: [DeviceSummary]
    /// Ask again with `after` set to it: there are more devices than one answer holds. Absent at the end.
    public var next: String?
    /// True when the list is not ordered by id and there are more devices than `limit`. Absent otherwise.
    public var truncated: Bool?

    public init(devices: [DeviceSummary], next: String? = nil, truncated: Bool? = nil) {
        (self.devices, self.next, self.truncated) = (devices, next, truncated)
    }
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
        if let truncated { json.field("truncated", truncated) }
        json.endObject()
    }
}
