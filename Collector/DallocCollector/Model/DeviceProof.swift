// SPDX-License-Identifier: Apache-2.0
//
// What a device has proved itself by, as the database says it.

enum DeviceProof: String, Sendable, CaseIterable {
    case certificate, key
}
