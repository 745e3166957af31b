// SPDX-License-Identifier: Apache-2.0
//
// A device's boot in a recording: its frames, and every HELLO of it, wherever they stand.

struct RecordedBoot: Hashable {
    var device: String
    var boot: UInt32
}
