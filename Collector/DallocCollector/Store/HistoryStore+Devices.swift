// SPDX-License-Identifier: Apache-2.0
//
// The store as ingest sees it.

internal import HeapHistory

extension HistoryStore: DeviceHistory {
    var areArrivalsProven: Bool { clock.isProven }

    var isPaused: Bool { pause.cause != nil }

    func knows(_ device: String) -> Bool { directory.knows(device) }

    func detail(of device: String) -> DeviceDetail.Level? { directory.detail(of: device) }

    func warn(_ device: String, _ warning: DeviceWarning, at now: Timestamp) {
        directory.warn(device, warning, at: now)
    }

    func clearWarning(_ code: DeviceWarning.Code, of device: String) { directory.clear(device, code) }

    func whileHolding<Result>(framesOf device: String, _ body: () throws -> Result) rethrows -> Result {
        try workInProgress.hold(.frames, device, body)
    }
}
