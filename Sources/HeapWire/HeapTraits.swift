// SPDX-License-Identifier: Apache-2.0

/// Properties of a heap that change which fields its frames have.
public struct HeapTraits: Equatable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static var none: HeapTraits { HeapTraits(rawValue: 0) }
    /// A free leaves a gap; gaps are closed later, by `compact` operations.
    public static var lazy: HeapTraits { HeapTraits(rawValue: 1) }
    /// Every allocation says where it was called from.
    public static var callSites: HeapTraits { HeapTraits(rawValue: 2) }
    /// Another allocator's heap: blocks are named by their addresses.
    public static var watched: HeapTraits { HeapTraits(rawValue: 4) }
    /// All that this version of the format defines.
    static var known: HeapTraits { HeapTraits(rawValue: 7) }

    @inline(__always)
    func has(_ trait: HeapTraits) -> Bool { rawValue & trait.rawValue != 0 }
}
