// SPDX-License-Identifier: Apache-2.0

/// What is known of a heap's table after a frame; the reference decoder prints the same.
struct TableLine: Decodable, Equatable {
    var sequence: UInt32
    var heap: UInt32
    /// `exact`, `partial` or `unknown`.
    var standing: String
    /// The known entries.
    var table: [String]
}
