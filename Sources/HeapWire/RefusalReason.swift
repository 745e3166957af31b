// SPDX-License-Identifier: Apache-2.0

/// A number of the registry "Reasons" in schema/wire.md. Others may come: a reader takes them for ``unspecified``.
public struct RefusalReason: RawRepresentable, Equatable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static var unspecified: RefusalReason { RefusalReason(rawValue: 0) }
    /// The collector does not speak the version of HELLO.
    public static var version: RefusalReason { RefusalReason(rawValue: 1) }
    /// The device has brought too many boots, or heaps of a boot, that nobody knew.
    public static var tooManyBoots: RefusalReason { RefusalReason(rawValue: 2) }
    /// The device's address has brought too many devices that nobody knew.
    public static var tooManyDevices: RefusalReason { RefusalReason(rawValue: 3) }
    /// Another device has this id, and stays.
    public static var sameID: RefusalReason { RefusalReason(rawValue: 4) }
    /// The device may not report here.
    public static var notAuthorised: RefusalReason { RefusalReason(rawValue: 5) }
    /// The collector stops.
    public static var shutdown: RefusalReason { RefusalReason(rawValue: 6) }
    /// Another connection speaks for the device.
    public static var displaced: RefusalReason { RefusalReason(rawValue: 7) }
    /// Nothing was heard for long.
    public static var silence: RefusalReason { RefusalReason(rawValue: 8) }
    /// Too much of what came was no frame that could be taken.
    public static var malformed: RefusalReason { RefusalReason(rawValue: 9) }
    /// What came can't be stored now.
    public static var storage: RefusalReason { RefusalReason(rawValue: 10) }
    /// There are more heaps, or larger ones, than this collector takes.
    public static var heaps: RefusalReason { RefusalReason(rawValue: 11) }
}
