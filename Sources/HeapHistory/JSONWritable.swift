// SPDX-License-Identifier: Apache-2.0

internal import Foundation

public protocol JSONWritable {
    /// Writes an object with its keys in the order of the alphabet.
    func write(to json: inout JSONWriter)
}

/// What Foundation's encoder writes, for objects of which there are few in an answer.
extension JSONWritable where Self: Encodable {
    public func write(to json: inout JSONWriter) {
        guard let text = try? HistoryCoding.encoder().encode(self) else { return }
        text.withUnsafeBytes { json.object(encoded: $0.bindMemory(to: UInt8.self)) }
    }
}
