// SPDX-License-Identifier: Apache-2.0
//
// An answer that is one long list and some fields beside it: it can be written, and sent, piece by piece.

public protocol JSONList: JSONWritable, Sendable {
    associatedtype Elements: RandomAccessCollection & Sendable where Elements.Element: JSONWritable

    var elements: Elements { get }
    /// About what the list takes in memory.
    var bytes: Int { get }
    /// The fields before the list, and its key.
    func writeBeginning(to json: inout JSONWriter)
    /// The fields after the list.
    func writeEnd(to json: inout JSONWriter)
}

extension JSONList {
    public var bytes: Int { elements.count * MemoryLayout<Elements.Element>.stride }

    public func write(to json: inout JSONWriter) {
        writeBeginning(to: &json)
        for element in elements { element.write(to: &json) }
        writeEnd(to: &json)
    }
}
