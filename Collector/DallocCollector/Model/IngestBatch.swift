// SPDX-License-Identifier: Apache-2.0
//
// The frames that one connection stores in one commit, all of one boot.

struct IngestBatch: Sendable {
    var bootID: Int64
    var frames: [IngestedFrame]
}
