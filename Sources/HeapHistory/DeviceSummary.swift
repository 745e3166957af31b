// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices` says of each device: its current boot and the last known state of its heaps.

public struct DeviceSummary: Codable, Equatable, Sendable {
    /// The device's own id, unique in the fleet.
    public var id: String
    /// The firmware build of the current boot.
    public var build: String
    /// The boot id of the current boot: another one after every reset.
    public var boot: UInt32
    /// How the device was reached last: `tcp 10.0.0.7:50122` or `serial /dev/ttyUSB0`.
    public var link: String
    /// True while a session with the device is open.
    public var connected: Bool
    public var firstSeen: Timestamp
    public var lastSeen: Timestamp
    /// What people say of it, by name.
    public var labels: [String: String]
    public var heaps: [HeapSummary]
    /// What a person should look at.
    public var warnings: [DeviceWarning]

    public init(
        id: String, build: String, boot: UInt32, link: String, connected: Bool, firstSeen: Timestamp,
        lastSeen: Timestamp, labels: [String: String] = [:], heaps: [HeapSummary], warnings: [DeviceWarning] = []
    ) {
        (self.id, self.build, self.boot, self.link, self.connected) = (id, build, boot, link, connected)
        (self.firstSeen, self.lastSeen, self.labels) = (firstSeen, lastSeen, labels)
        (self.heaps, self.warnings) = (heaps, warnings)
    }
}

extension DeviceSummary: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("boot", boot)
            $0.field("build", build)
            $0.field("connected", connected)
            $0.field("first_seen", firstSeen)
            $0.field("heaps", heaps)
            $0.field("id", id)
            $0.field("labels", labels)
            $0.field("last_seen", lastSeen)
            $0.field("link", link)
            $0.field("warnings", warnings)
        }
    }
}
