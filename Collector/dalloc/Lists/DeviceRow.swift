// SPDX-License-Identifier: Apache-2.0

import HeapHistory

/// A heap beside its device.
struct DeviceRow {
    let device: DeviceSummary
    let heap: HeapSummary?
}
