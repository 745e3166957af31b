// SPDX-License-Identifier: Apache-2.0

/// The call sites that were mentioned last in a frame, the latest first: a program allocates at few places.
public struct CallSiteTrail: Equatable, Sendable {
    /// 0 where there is none yet.
    public var recent: (UInt, UInt, UInt, UInt)

    @inline(__always)
    public init(recent: (UInt, UInt, UInt, UInt) = (0, 0, 0, 0)) { self.recent = recent }

    @inline(__always)
    public static func == (one: CallSiteTrail, other: CallSiteTrail) -> Bool { one.recent == other.recent }

    /// Where it stands; 4 when it doesn't.
    @inline(__always)
    func place(of site: UInt) -> UInt32 {
        if recent.0 == site { return 0 }
        if recent.1 == site { return 1 }
        if recent.2 == site { return 2 }
        return recent.3 == site ? 3 : 4
    }

    /// Moves the one at a place to the front; from place 4, another one.
    @inline(__always)
    mutating func use(_ place: UInt32, _ site: UInt) {
        switch place {
        case 0: break
        case 1: recent = (site, recent.0, recent.2, recent.3)
        case 2: recent = (site, recent.0, recent.1, recent.3)
        default: recent = (site, recent.0, recent.1, recent.2)
        }
    }

    @inline(__always)
    subscript(place: UInt32) -> UInt {
        switch place {
        case 0: recent.0
        case 1: recent.1
        case 2: recent.2
        default: recent.3
        }
    }
}
