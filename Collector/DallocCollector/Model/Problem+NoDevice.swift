// SPDX-License-Identifier: Apache-2.0

internal import HeapHistory

extension Problem {
    /// Nothing of such a device is stored.
    init(noDevice name: String) {
        self.init(
            .notFound, "No device \(name) has reported to this collector.",
            hint: "`dalloc devices` lists those that have.")
    }
}
