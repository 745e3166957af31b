// SPDX-License-Identifier: Apache-2.0
//
// What the API answers instead of data when it can't: one sentence with the cause, and one with the way out.

public struct Problem: Codable, Equatable, Sendable, Error {
    public enum Code: String, Codable, Sendable, CaseIterable {
        /// A parameter makes no sense (HTTP 400).
        case badRequest = "bad_request"
        /// No such device, heap, sequence number or path (404).
        case notFound = "not_found"
        /// The moment lies in a gap: the answer is not known (409).
        case unknownInGap = "unknown_in_gap"
        /// The device is connected and can't be removed (409).
        case connected
        /// The device can't do what is wanted of it (409).
        case unsupported
        /// The collector has as much to do as it takes on, or the answer takes more work than one question may (503). Asking again later
        /// helps when the answer has a `Retry-After`.
        case overloaded
        /// The collector failed (500).
        case internalError = "internal_error"
    }

    public var code: Code
    /// What was asked, and why it has no answer.
    public var message: String
    /// What to do about it.
    public var hint: String

    public init(_ code: Code, _ message: String, hint: String) {
        (self.code, self.message, self.hint) = (code, message, hint)
    }
}

extension Problem: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("code", code.rawValue)
            $0.field("hint", hint)
            $0.field("message", message)
        }
    }
}
