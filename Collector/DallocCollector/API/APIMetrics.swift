// SPDX-License-Identifier: Apache-2.0
//
// Counters for the API: connections, and questions that get no answer.

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
    /// Questions that were answered with 503.
    let overloads = LabelledCounter<Overload>()
    /// Questions whose client left before the answer.
    let abandoned = Counter()
}
