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

    /// Where devices connect that prove themselves by a certificate.
    public struct CertificateLink: Sendable, Equatable {
        public var listen: Endpoint
        public var files: CertificateFiles

        public init(listen: Endpoint, files: CertificateFiles) { (self.listen, self.files) = (listen, files) }
    }

    /// Where devices connect that have a pre-shared key.
    public struct KeyLink: Sendable, Equatable {
        public var listen: Endpoint
        /// The path of a text file with a line `DEVICE:KEY` for each device.
        public var keys: String

        public init(listen: Endpoint, keys: String) { (self.listen, self.keys) = (listen, keys) }
    }

    /// Where devices connect over plain TCP.
    public var listen: Endpoint
    /// That may be reached from other machines.
    public var allowsPlaintext = false
    public var certificateLink: CertificateLink?
    public var keyLink: KeyLink?
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
