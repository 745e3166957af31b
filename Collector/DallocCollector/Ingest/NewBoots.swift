// SPDX-License-Identifier: Apache-2.0
//
// Limits how many new boots, or new heaps in a known boot, a device may bring: each takes rows for years.
// A device that restarts every few seconds is within the limit.

internal import NIOCore
internal import Synchronization

final class NewBoots: Sendable {
    private let rate: Double
    private let buckets = Mutex<[String: TokenBucket]>([:])

    /// So many may come at once.
    static let burst = 60.0
    /// Devices with buckets of their own, more than may be connected; further ones share a bucket.
    private static let mostDevices = 65_536

    init(perMinute: Int) {
        rate = Double(perMinute) / 60
    }

    /// Counts a boot of this device; false when there have been too many.
    func admit(_ device: String, at now: NIODeadline = .now()) -> Bool {
        buckets.withLock { buckets in
            if buckets[device] == nil, buckets.count >= Self.mostDevices {
                buckets = buckets.filter { !$0.value.isFull(at: now) }
            }
            let key = buckets[device] == nil && buckets.count >= Self.mostDevices ? "" : device
            return buckets[key, default: TokenBucket(rate: rate, burst: Self.burst, at: now)].takeIfThere(at: now)
        }
    }
}
