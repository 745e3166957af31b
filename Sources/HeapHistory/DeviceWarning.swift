// SPDX-License-Identifier: Apache-2.0

/// Something about a device that needs a person.
public struct DeviceWarning: Codable, Equatable, Sendable {
    public enum Code: String, Codable, Sendable, CaseIterable {
        /// The device sent one boot id for two runs.
        case bootIDReused = "boot_id_reused"
        /// Two peers use the device's id at the same time.
        case idConflict = "id_conflict"
        /// The collector could not work on what the device sent, and keeps it apart.
        case setAside = "set_aside"
        /// The device's clock stands still while it works.
        case clockStands = "clock_stands"
        /// The device sent figures that no heap can have.
        case implausible
        /// Its link is not secured, and leads to another machine.
        case plaintext
        /// The memory was nearly full in which it records operations.
        case recorderNearlyFull = "recorder_nearly_full"
    }

    public var code: Code
    /// One sentence.
    public var message: String

    public init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }
}

extension DeviceWarning: JSONWritable {
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("code", code.rawValue)
            $0.field("message", message)
        }
    }
}
