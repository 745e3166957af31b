// SPDX-License-Identifier: Apache-2.0
//
// Where an agent stands with the collector:
//
//   down ──line is up──▶ greeting ──HELLO is out──▶ awaitingWelcome ──WELCOME──▶ streaming
//
// A timeout, or an acknowledgement that comes twice, leads back to greeting. A lost line leads to down, and from there
// to backingOff when the link is a connection.

/// A byte of the agent's C struct, so a struct and no enumeration.
struct SessionState: Equatable {
    let rawValue: UInt8

    static var down: SessionState { SessionState(rawValue: 0) }
    /// HELLO is being written.
    static var greeting: SessionState { SessionState(rawValue: 1) }
    static var awaitingWelcome: SessionState { SessionState(rawValue: 2) }
    /// Frames are sent. On a one-way line, right after HELLO.
    static var streaming: SessionState { SessionState(rawValue: 3) }
    /// The collector does not speak this version of the format. Nothing is sent until the line comes up again.
    static var refused: SessionState { SessionState(rawValue: 4) }
    /// The connection has ended, and it is too early for the next one.
    static var backingOff: SessionState { SessionState(rawValue: 5) }

    /// The line is up, as far as the agent knows.
    @inline(__always)
    var isConnected: Bool { self != .down && self != .backingOff }

    /// The collector has not answered HELLO yet. False where it is refused: that is an answer.
    @inline(__always)
    var isUnanswered: Bool { self == .greeting || self == .awaitingWelcome }

    /// The transitions that there are. Only assertions ask.
    func canBecome(_ next: SessionState) -> Bool {
        switch self {
        // A lost line is lost again when it is still down at the next poll. An answer to a chunk can be a refusal.
        case .down: next == .down || next == .greeting || next == .backingOff || next == .refused
        case .greeting: next != .backingOff
        case .awaitingWelcome: next == .streaming || next == .greeting || next == .refused || next == .down
        case .streaming: next == .greeting || next == .refused || next == .down
        case .refused: next == .refused || next == .down
        case .backingOff: next == .down
        default: false
        }
    }
}
