// SPDX-License-Identifier: Apache-2.0
//
// What `GET /v1/devices` says of each device: its current boot and the last known state of its heaps.

public struct DeviceList: Codable, Equatable, Sendable {
    public var devices: [DeviceSummary]
    /// Ask again with `after` set to it: there are more devices than one answer holds. Absent at the end.
    public var next: String?

    public init(devices: [DeviceSummary], next: String? = nil) { (self.devices, self.next) = (devices, next) }
}

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
    public var heaps: [HeapSummary]
    /// What a person should look at.
    public var warnings: [DeviceWarning]

    public init(
        id: String, build: String, boot: UInt32, link: String, connected: Bool, firstSeen: Timestamp,
        lastSeen: Timestamp, heaps: [HeapSummary], warnings: [DeviceWarning] = []
    ) {
        (self.id, self.build, self.boot, self.link, self.connected) = (id, build, boot, link, connected)
        (self.firstSeen, self.lastSeen, self.heaps, self.warnings) = (firstSeen, lastSeen, heaps, warnings)
    }
}

/// Something about a device that needs a person.
public struct DeviceWarning: Codable, Equatable, Sendable {
    public enum Code: String, Codable, Sendable, CaseIterable {
        /// The device sent one boot id for two runs.
        case bootIDReused = "boot_id_reused"
        /// Two peers use the device's id at the same time.
        case idConflict = "id_conflict"
        /// The collector could not work on what the device sent, and keeps it apart.
        case setAside = "set_aside"
        /// The device's clock stands still while it works.
        case clockStands = "clock_stands"
        /// The device sent figures that no heap can have.
        case implausible
    }

    public var code: Code
    /// One sentence.
    public var message: String

    public init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }
}

public struct HeapSummary: Codable, Equatable, Sendable {
    /// The heap's number on its device.
    public var heap: Int
    public var name: String
    public var baseAddress: Address
    /// Bytes of the heap.
    public var size: Int
    /// Bytes that blocks are aligned to.
    public var alignment: Int
    /// The most blocks that its table holds.
    public var tableSize: Int
    /// Bytes in use, padding included.
    public var used: Int
    /// Blocks in it.
    public var liveBlocks: Int
    /// Highest `used` since the boot, as far as it is known.
    public var peak: Int
    /// Allocations that failed within the last hour, and why the last of them did: `no_room`, `table_full` or `bad_size`.
    public var failuresLastHour: Int
    public var failureReason: String?
    /// Sequence number of the frame that these figures are from; 0 when none has come yet.
    public var sequence: Int

    public init(
        heap: Int, name: String, baseAddress: Address, size: Int, alignment: Int, tableSize: Int, used: Int,
        liveBlocks: Int, peak: Int, failuresLastHour: Int = 0, failureReason: String? = nil, sequence: Int
    ) {
        (self.heap, self.name, self.baseAddress, self.size) = (heap, name, baseAddress, size)
        (self.alignment, self.tableSize, self.used) = (alignment, tableSize, used)
        (self.liveBlocks, self.peak, self.sequence) = (liveBlocks, peak, sequence)
        (self.failuresLastHour, self.failureReason) = (failuresLastHour, failureReason)
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
        json.endObject()
    }
}

extension DeviceWarning: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("code", code.rawValue)
            $0.field("message", message)
        }
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
            $0.field("last_seen", lastSeen)
            $0.field("link", link)
            $0.field("warnings", warnings)
        }
    }
}

extension HeapSummary: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("alignment", alignment)
            $0.field("base_address", baseAddress)
            if let failureReason { $0.field("failure_reason", failureReason) }
            $0.field("failures_last_hour", failuresLastHour)
            $0.field("heap", heap)
            $0.field("live_blocks", liveBlocks)
            $0.field("name", name)
            $0.field("peak", peak)
            $0.field("sequence", sequence)
            $0.field("size", size)
            $0.field("table_size", tableSize)
            $0.field("used", used)
        }
    }
}
