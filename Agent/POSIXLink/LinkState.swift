// SPDX-License-Identifier: Apache-2.0

/// Where a link stands. A byte of its C struct, so a struct and no enumeration.
struct LinkState: Equatable {
    let rawValue: UInt8

    static var closed: LinkState { LinkState(rawValue: 0) }
    static var connecting: LinkState { LinkState(rawValue: 1) }
    static var up: LinkState { LinkState(rawValue: 2) }
    /// Ended by its user: it never comes up again.
    static var ended: LinkState { LinkState(rawValue: 3) }

    /// The transitions that there are. Only assertions ask.
    func canBecome(_ next: LinkState) -> Bool {
        switch self {
        case .closed, .connecting: true
        case .up: next == .closed || next == .ended
        case .ended: next == .ended
        default: false
        }
    }
}
