// SPDX-License-Identifier: Apache-2.0

/// How far the survey of a spool is. A byte of its C struct, so no enumeration.
enum SpoolStage {
    /// No HELLO was found yet.
    static var started: UInt8 { 0 }
    /// In the parts of the boot that is sent next.
    static var within: UInt8 { 1 }
    /// After them.
    static var beyond: UInt8 { 2 }
    static var done: UInt8 { 3 }
}
