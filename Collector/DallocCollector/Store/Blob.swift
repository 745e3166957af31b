// Bytes on their way into SQLite and back.

internal import Foundation
internal import GRDB

func blob(_ bytes: UnsafeRawBufferPointer) -> Data {
    Data(bytes)
}

extension Row {
    /// A blob that is never NULL.
    func bytes(_ column: String) -> [UInt8] {
        [UInt8](self[column] as Data)
    }
}
