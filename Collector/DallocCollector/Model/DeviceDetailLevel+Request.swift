// SPDX-License-Identifier: Apache-2.0

internal import HeapHistory
internal import HeapWire

extension DeviceDetail.Level {
    /// The same on the line.
    var level: Request.Level {
        switch self {
        case .full: .full
        case .summary: .summary
        }
    }
}
