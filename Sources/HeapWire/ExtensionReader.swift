// SPDX-License-Identifier: Apache-2.0

/// Reads the fields after the last one that a frame must have, to the end of the payload. A device reads none.
public struct ExtensionReader {
    private var reader: PayloadReader
    private var previous: UInt32 = 0

    init(_ reader: PayloadReader) throws(Malformed) {
        guard reader.remaining <= WireLimits.extensions else { throw .trailingBytes }
        self.reader = reader
    }

    /// The next field, whether its tag is known or not; nil at the end of the payload.
    public mutating func next() throws(Malformed) -> ExtensionField? {
        if reader.remaining == 0 { return nil }
        let tag = try reader.varint32(1...WireLimits.extensionTag)
        guard tag > previous else { throw .valueOutOfRange }
        previous = tag
        return ExtensionField(tag: tag, bytes: try reader.bytes(0...WireLimits.extensions))
    }

    /// The capabilities among all fields, each of which is checked.
    func capabilities() throws(Malformed) -> Capabilities {
        var (fields, capabilities) = (self, Capabilities.none)
        while let field = try fields.next() {
            if field.tag == Capabilities.tag { capabilities = Capabilities(bits: field.bytes) }
        }
        return capabilities
    }
}
