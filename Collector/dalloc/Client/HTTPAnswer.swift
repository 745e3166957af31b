// SPDX-License-Identifier: Apache-2.0

/// What a server says to a request.
struct HTTPAnswer: Equatable, Sendable {
    var status: Int
    /// Names in small letters; the last of several with one name.
    var headers: [String: String]
    var body: [UInt8]
}
