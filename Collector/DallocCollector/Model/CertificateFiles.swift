// SPDX-License-Identifier: Apache-2.0
//
// What a port with certificates goes by: paths of files in PEM.

public struct CertificateFiles: Sendable, Equatable {
    /// What the collector shows: its certificate, then those up to the root.
    public var certificate: String
    /// The private key of that.
    public var key: String
    /// The certificates that devices' ones must be signed by.
    public var clientCA: String

    public init(certificate: String, key: String, clientCA: String) {
        (self.certificate, self.key, self.clientCA) = (certificate, key, clientCA)
    }
}
