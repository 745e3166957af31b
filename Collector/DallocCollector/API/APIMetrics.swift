// SPDX-License-Identifier: Apache-2.0
//
// What the collector counts of those who ask: connections to the API, and questions that get no answer.

final class APIMetrics: Sendable {
    /// How a connection beyond the limit was turned away.
    enum Refusal: String, CaseIterable, Sendable {
        /// Its request was answered with 503.
        case told
        /// It was closed at once.
        case closed
    }

    /// Why a connection was ended from this side.
    enum Cut: String, CaseIterable, Sendable {
        case idle
        case slowRequest = "slow_request"
        case unread
        /// It waited for a request while another one needed its place.
        case displaced
    }

    let opened = Counter()
    let refused = LabelledCounter<Refusal>()
    let cut = LabelledCounter<Cut>()
    let questions = Counter()
    /// QuestionRunner that were answered with 503.
    let overloads = LabelledCounter<Overload>()
    /// QuestionRunner whose client left before it had its answer.
    let abandoned = Counter()
}
