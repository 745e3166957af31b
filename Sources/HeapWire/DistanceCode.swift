// SPDX-License-Identifier: Apache-2.0

/// How the distance to another owner is written: as Rice does it, with six bits, or with its length.
enum DistanceCode {
    static var parameter: UInt32 { 6 }
    /// Distances in pointers that are written the first way are below this.
    static var end: UInt { 192 }
    /// Bits of a length from 0 to 64.
    static var length: UInt32 { 7 }
}
