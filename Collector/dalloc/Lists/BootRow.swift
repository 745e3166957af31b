// SPDX-License-Identifier: Apache-2.0

import HeapHistory

/// A heap beside its boot.
struct BootRow {
    let boot: BootList.Boot
    let heap: BootList.Heap?
}
