// SPDX-License-Identifier: Apache-2.0
//
// Why a connection was closed.

internal import HeapWire

enum ConnectionEnd: String, CaseIterable, Sendable {
    /// The device hung up, or the line broke.
    case peer
    /// The device connected again.
    case displaced
    /// Another device has its id, and stays.
    case twin
    /// It is a body, and its device is connected, or another body of it is being taken.
    case elsewhere
    /// It was closed before it sent a byte, as the probe of a load balancer is.
    case probe
    /// It did not greet in time.
    case noGreeting = "no_greeting"
    /// Nothing was heard of it for long.
    case idle
    /// What came was no HeapWire.
    case malformed
    /// There is no secure connection: ``HandshakeFailure`` says why.
    case handshake
    /// It speaks TLS where none is spoken.
    case speaksTLS = "speaks_tls"
    /// It has not proved to be the device that it says it is.
    case notAuthorised = "not_authorised"
    /// What came could not be stored.
    case failed
    case shutdown

    /// What a device is told before; nil where it ended the connection itself, or has not greeted.
    var refusal: RefusalReason? {
        switch self {
        case .peer, .probe, .noGreeting, .handshake, .speaksTLS: nil
        case .notAuthorised: .notAuthorised
        case .displaced, .elsewhere: .displaced
        case .twin: .sameID
        case .idle: .silence
        case .malformed: .malformed
        case .failed: .storage
        case .shutdown: .shutdown
        }
    }

    /// For people who read the log.
    var words: String {
        switch self {
        case .peer: "the peer closed it"
        case .displaced: "the device connected again"
        case .twin: "another device has the same id"
        case .elsewhere: "the device is connected elsewhere"
        case .probe: "the peer closed it without a word"
        case .noGreeting: "it did not greet in time"
        case .idle: "nothing was heard of it for long"
        case .malformed: "it sends no frames"
        case .handshake: "the TLS handshake failed"
        case .speaksTLS: "it speaks TLS, and this port does not"
        case .notAuthorised: "it has not proved to be the device that it says it is"
        case .failed: "what it sent could not be stored"
        case .shutdown: "the collector stops"
        }
    }
}
