// What `GET /v1/devices` says of each device: its current boot and the last known state of its heaps.

public struct DeviceList: Codable, Equatable, Sendable {
    public var devices: [DeviceSummary]

    public init(devices: [DeviceSummary]) { self.devices = devices }
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

    public init(
        id: String, build: String, boot: UInt32, link: String, connected: Bool, firstSeen: Timestamp,
        lastSeen: Timestamp, heaps: [HeapSummary]
    ) {
        (self.id, self.build, self.boot, self.link, self.connected) = (id, build, boot, link, connected)
        (self.firstSeen, self.lastSeen, self.heaps) = (firstSeen, lastSeen, heaps)
    }
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
    public var allocations: Int
    /// Highest `used` since the boot, as far as it is known.
    public var peak: Int
    /// Sequence number of the frame that these figures are from; 0 when none has come yet.
    public var sequence: Int

    public init(
        heap: Int, name: String, baseAddress: Address, size: Int, alignment: Int, tableSize: Int, used: Int,
        allocations: Int, peak: Int, sequence: Int
    ) {
        (self.heap, self.name, self.baseAddress, self.size) = (heap, name, baseAddress, size)
        (self.alignment, self.tableSize, self.used) = (alignment, tableSize, used)
        (self.allocations, self.peak, self.sequence) = (allocations, peak, sequence)
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
        }
    }
}

extension HeapSummary: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("alignment", alignment)
            $0.field("allocations", allocations)
            $0.field("base_address", baseAddress)
            $0.field("heap", heap)
            $0.field("name", name)
            $0.field("peak", peak)
            $0.field("sequence", sequence)
            $0.field("size", size)
            $0.field("table_size", tableSize)
            $0.field("used", used)
        }
    }
}
