// SPDX-License-Identifier: Apache-2.0
//
// What the handshake of one connection has brought: who the peer is, or why it failed.

internal import Synchronization

final class Handshake: Sendable {
    private struct State {
        /// The identity that the peer gives, which it may not have proved yet.
        var claimed: String?
        var isClaimKnown = true
        var identity = PeerIdentity.unproved
        var failure: HandshakeFailure?
        var isDone = false
    }

    private let state = Mutex(State())

    var identity: PeerIdentity { state.withLock { $0.identity } }
    var isDone: Bool { state.withLock { $0.isDone } }
    /// Why it failed; nil as long as it has not.
    var failure: HandshakeFailure? { state.withLock { $0.failure } }
    var claimed: String? { state.withLock { $0.claimed } }

    /// The peer says who it is.
    /// - Parameter isKnown: there is a key for that.
    func claim(_ identity: String, isKnown: Bool) {
        state.withLock { ($0.claimed, $0.isClaimKnown) = (identity, isKnown) }
    }

    /// It succeeded, with this certificate's names; with none of a peer that has proved that it has the key of its identity. False when
    /// it proves nothing: then it is not over.
    func complete(names: Set<String>?) -> Bool {
        state.withLock { state in
            if let names {
                state.identity = .certificate(names: names)
            } else if let claimed = state.claimed, state.isClaimKnown {
                state.identity = .key(identity: claimed)
            }
            state.isDone = state.identity != .unproved
            return state.isDone
        }
    }

    /// False when it is over already.
    func fail(_ failure: HandshakeFailure) -> Bool {
        state.withLock { state in
            guard state.failure == nil, !state.isDone else { return false }
            state.failure = failure == .wrongKey && !state.isClaimKnown ? .unknownIdentity : failure
            return true
        }
    }
}
