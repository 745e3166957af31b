// SPDX-License-Identifier: Apache-2.0
//
// Why the collector can't start, or has to end: one sentence with the cause and the way out.

public struct StartFailure: Error, CustomStringConvertible {
    public enum Kind: Sendable {
        case database, foreignDatabase, endpoint, serialLine, unstored
        /// A file with certificates or keys can't be used, or a port would not be secure.
        case security
    }

    public let kind: Kind
    public let description: String
}
