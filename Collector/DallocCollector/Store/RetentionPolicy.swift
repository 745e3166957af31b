// SPDX-License-Identifier: Apache-2.0
//
// Retention periods by level.

/// Microseconds.
public struct RetentionPolicy: Equatable, Sendable {
    /// Every operation: frames, and what is made from them alone.
    public var detail: Int64
    public var minutes: Int64
    /// Figures by the hour, gaps, and the devices themselves.
    public var hours: Int64

    private static let day: Int64 = 86_400_000_000

    public static let standard = RetentionPolicy(detail: 30 &* day, minutes: 180 &* day, hours: 1826 &* day &+ day / 4)

    public init(detail: Int64, minutes: Int64, hours: Int64) {
        (self.detail, self.minutes, self.hours) = (detail, minutes, hours)
    }
}
