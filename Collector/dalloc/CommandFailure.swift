// SPDX-License-Identifier: Apache-2.0
//
// Why a command has no answer: the cause, the way out, and the exit code that says it to a script.

import CommandSupport
import HeapHistory

struct CommandFailure: Error, Equatable, CustomStringConvertible {
    var status: Outcome
    /// What failed, on what, and why. Without a full stop.
    var cause: String
    /// The next step. Without a full stop.
    var wayOut: String

    var description: String {
        // The collector's hints begin a sentence of their own.
        wayOut.first?.isUppercase == true ? "\(cause). \(wayOut)." : "\(cause); \(wayOut)."
    }
}

extension CommandFailure {
    /// What the collector said instead of an answer.
    init(_ problem: Problem) {
        let status: Outcome =
            switch problem.code {
            case .badRequest: .usage
            case .notFound: .notFound
            case .unknownInGap: .unknownInGap
            case .overloaded, .connected: .temporary
            case .unsupported, .internalError: .unexpected
            }
        self.init(
            status: status, cause: problem.message.withoutFullStop.printable,
            wayOut: problem.hint.withoutFullStop.printable)
    }
}

extension String {
    fileprivate var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
