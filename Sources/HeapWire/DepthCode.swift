// SPDX-License-Identifier: Apache-2.0

/// How a depth is written: as Exp-Golomb does it, with two bits at least.
enum DepthCode {
    static var parameter: UInt32 { 2 }
    /// Zeros that begin the deepest.
    static var most: UInt32 { 14 }
}
