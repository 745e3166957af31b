// SPDX-License-Identifier: Apache-2.0
//
// Limits how many new devices an address may bring: names can be invented, and each takes rows for good.

internal import NIOCore
internal import Synchronization

final class NewDevices: Sendable {
    private let rate: Double
    private let buckets = Mutex<[String: TokenBucket]>([:])

    /// A fleet that shares one address (NAT) may come all at once; on this machine it is simulated.
    private static let burst = 1000.0
    private static let burstHere = 20_000.0
    /// Addresses with buckets of their own; further ones share a bucket.
    private static let mostAddresses = 4096

    init(perMinute: Int) {
        rate = Double(perMinute) / 60
    }

    /// Counts a new device from this address; false when there have been too many.
    func admit(from address: String, at now: NIODeadline = .now()) -> Bool {
        buckets.withLock { buckets in
            if buckets[address] == nil, buckets.count >= Self.mostAddresses {
                buckets = buckets.filter { !$0.value.isFull(at: now) }
            }
            let key = buckets[address] == nil && buckets.count >= Self.mostAddresses ? "others" : address
            let burst = Self.isHere(address) ? Self.burstHere : Self.burst
            return buckets[key, default: TokenBucket(rate: rate, burst: burst, at: now)].takeIfThere(at: now)
        }
    }

    private static func isHere(_ address: String) -> Bool { address.hasPrefix("127.") || address == "::1" }
}
