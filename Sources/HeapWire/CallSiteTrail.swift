// SPDX-License-Identifier: Apache-2.0

/// The two call sites that were mentioned last in a frame: a program allocates at few places.
struct CallSiteTrail: Equatable, Sendable {
    /// 0 where there is none yet.
    private(set) var latest: UInt = 0
    private(set) var second: UInt = 0

    mutating func use(_ site: UInt) {
        guard site != latest else { return }
        second = latest
        latest = site
    }
}
