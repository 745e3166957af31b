// SPDX-License-Identifier: Apache-2.0
//
// What one connection brings in one go, all of one boot.

struct IngestBatch: Sendable {
    var bootID: Int64
    var frames: [IngestedFrame]
}
