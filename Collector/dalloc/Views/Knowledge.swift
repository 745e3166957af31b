// SPDX-License-Identifier: Apache-2.0
//
// Up to when an answer is known, in words. What is later is neither quiet nor as before: nobody knows it.

import CommandSupport
import HeapHistory

struct Knowledge {
    let knownUntil: Timestamp?
    let until: Timestamp
    let gaps: [Gap]
    let zone: Zone

    /// The end of what the answer can speak of: `until`, or the last moment that is known before it.
    var end: Timestamp? { knownUntil.map { min($0, until) } }

    /// `Known until 2026-11-23 09:50:25.000 UTC: what came after is not known yet.` Nil when all is known up to
    /// `until`, and when a gap that is still open says it with its cause.
    var sentence: String? {
        guard let knownUntil else { return "Nothing of this heap is known yet." }
        guard knownUntil < until, !gaps.contains(where: { $0.end == nil && $0.start != nil }) else { return nil }
        return "Known until \(zone.full(knownUntil)): what came after is not known yet."
    }

    /// The sentences about gaps, and the one about the end.
    var sentences: [String] { gaps.map { GapSentence.text($0, in: zone) } + [sentence].compactMap { $0 } }

    /// The same: a line each, or more where the screen is narrow.
    func text(on screen: Screen) -> String {
        sentences.map { $0.wrapped(to: screen.columns) + "\n" }.joined()
    }
}
