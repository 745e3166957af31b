// SPDX-License-Identifier: Apache-2.0
//
// What a collector listens on, keeps and allows.

public struct CollectorConfiguration: Sendable {
    public struct Endpoint: Sendable, Equatable {
        public var host: String
        public var port: Int

        public init(host: String, port: Int) {
            (self.host, self.port) = (host, port)
        }
    }

    public struct SerialPort: Sendable, Equatable {
        public var path: String
        public var baud: UInt32

        public init(path: String, baud: UInt32) {
            (self.path, self.baud) = (path, baud)
        }
    }

    /// Where devices connect.
    public var listen: Endpoint
    /// Where questions are asked.
    public var api: Endpoint
    public var serialLines: [SerialPort]
    /// A line that can't be opened at the start ends the collector, instead of being waited for.
    public var serialLinesAreRequired = false
    public var databasePath: String
    public var limits = IngestLimits()
    public var apiLimits = APILimits()
    public var retention = RetentionPolicy.standard
    public var durability = Durability.power

    public init(listen: Endpoint, api: Endpoint, serialLines: [SerialPort], databasePath: String) {
        (self.listen, self.api, self.serialLines, self.databasePath) = (listen, api, serialLines, databasePath)
    }
}
