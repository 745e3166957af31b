// SPDX-License-Identifier: Apache-2.0
//
// A greeting in a version of the format that this collector does not speak: who it is, so that people know which device to build anew.

internal import HeapWire

struct OtherVersion: Equatable, Sendable {
    /// Nil where the id is no text that a log can show.
    var device: String?
    var boot: UInt32
    var isOneWay: Bool
    /// What is wrong, and what to do.
    var words: String

    /// Nil when the payload is no HELLO.
    init?(payload: UnsafeBufferPointer<UInt8>) {
        guard let base = payload.baseAddress, let hello = HelloOfAnyVersion(payload: base, count: payload.count) else {
            return nil
        }
        device = try? DeviceHello.text(hello.device)
        (boot, isOneWay) = (hello.boot, hello.isOneWay)
        let ours = WireLimits.version
        // Few sentences, whatever the number: each has a budget of its own in the log.
        words =
            hello.version < UInt64(ours)
            ? "HELLO of an older HeapWire, and this collector speaks HeapWire \(ours): build the device with its agent"
            : "HELLO of a newer HeapWire, and this collector speaks HeapWire \(ours): install a newer collector"
    }
}
