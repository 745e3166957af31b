// SPDX-License-Identifier: Apache-2.0

/// Why a request has no HTTP answer.
enum HTTPFailure: Error, Equatable {
    /// The host's name has no address; what the resolver says.
    case unknownHost(String)
    case refused
    /// Nothing came, or nothing could be sent, for as long as one waits.
    case silence
    /// A greeting of TLS was not answered for as long.
    case noGreeting
    /// The connection ended before an answer began.
    case closed
    /// The connection ended within an answer.
    case brokeOff
    /// What came is not HTTP; what is wrong with it.
    case notHTTP(String)
    /// More than any answer has.
    case tooLarge
    /// What the other side sent to a greeting of TLS is not TLS.
    case notSecure
    /// Something else; what the system says.
    case system(String)
}
